#pragma once
/// SwarmPeer calls its handlers on the reactor's thread. A node's own state belongs to the thread of its io_context, so
/// handlers are carried over there.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <tuple>
#include <utility>

namespace cicada::node {

/// A handler that runs `function` with its arguments on the thread of `context`, later. Whatever `function` uses must
/// live as long as the context runs.
template <class Function>
auto on_context(boost::asio::io_context& context, Function function) {
  return [&context, function = std::move(function)]<class... Values>(Values&&... values) mutable {
    boost::asio::post(
        context, [function = std::move(function), kept = std::make_tuple(std::forward<Values>(values)...)]() mutable {
          std::apply(std::move(function), std::move(kept));
        });
  };
}

}  // namespace cicada::node
