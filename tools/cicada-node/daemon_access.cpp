#include <fmt/core.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

#include "exit_status.hpp"
#include "node_access.hpp"

namespace cicada::node {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using Protocol = asio::local::stream_protocol;

constexpr std::string_view taken = "{\"op\":\"taken\"}\n";

json failure(std::string_view why) {
  return {{"ok", false}, {"done", true}, {"status", exit_not_delivered}, {"error", why}};
}

class DaemonAccess final : public NodeAccess {
 public:
  explicit DaemonAccess(const std::filesystem::path& path) : socket_(context_) {
    boost::system::error_code error;
    socket_.connect(Protocol::endpoint(path.string()), error);
    if (error) {
      throw std::runtime_error(
          fmt::format("{}: no daemon answers there ({}); start one with `cicada-node run`, name its "
                      "state folder with --state, or join by yourself with --join HOST:PORT",
                      path.string(), error.message()));
    }
  }

  json ask(const json& request, const std::function<bool(const json&)>& on_reply) override {
    boost::system::error_code error;
    asio::write(socket_, asio::buffer(request.dump() + "\n"), error);
    while (!error) {
      const std::size_t size = asio::read_until(socket_, asio::dynamic_buffer(input_), '\n', error);
      if (error) break;
      json reply = json::parse(input_.substr(0, size), nullptr, false);
      input_.erase(0, size);
      if (!reply.is_object()) break;
      if (reply.value("done", true)) return reply;
      if (!on_reply(reply)) {
        socket_.close(error);  // So that the daemon takes back what it gave.
        return failure("not taken, and left with the daemon");
      }
      if (request.value("confirm", false)) asio::write(socket_, asio::buffer(taken), error);
    }
    return failure("the daemon has gone away");
  }

 private:
  asio::io_context context_;
  Protocol::socket socket_;
  std::string input_;
};

}  // namespace

std::unique_ptr<NodeAccess> open_daemon(const std::filesystem::path& control) {
  return std::make_unique<DaemonAccess>(control);
}

}  // namespace cicada::node
