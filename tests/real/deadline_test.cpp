// Whoever gives a time gets an answer within it, whatever name servers and listeners do.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>
#include <future>

#include "name_lookup.hpp"
#include "real/loopback.hpp"

using namespace cicada;
using namespace cicada::test;

namespace {

/// Accepts connections, and says nothing on them.
class SilentListener {
 public:
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
};

/// A name server that answers when the test says so; what lookups share with it lives as long as they do.
class SlowNames {
 public:
  [[nodiscard]] HostLookup lookup() const {
    return [asked = asked_, answer = answer_](const std::string& host, std::uint16_t port) {
      ++*asked;
      if (host != "quick") answer.wait();
      return std::vector{ipv4_endpoint({127, 0, 0, 1}, port)};
    };
  }
  [[nodiscard]] int asked() const { return *asked_; }
  void answer() {
    if (!std::exchange(answered_, true)) released_.set_value();
  }
  ~SlowNames() { answer(); }

 private:
  std::promise<void> released_;
  bool answered_ = false;
  std::shared_future<void> answer_ = released_.get_future().share();
  std::shared_ptr<std::atomic<int>> asked_ = std::make_shared<std::atomic<int>>(0);
};

SwarmPeerOptions with_names(const SlowNames& names) {
  SwarmPeerOptions options = quick();
  options.host_lookup = names.lookup();
  return options;
}

/// Runs it, and gives its error. It has to end long before what it waits for would.
std::error_code in_time(const std::function<void(std::error_code&)>& call) {
  std::error_code error;
  const auto begin = std::chrono::steady_clock::now();
  call(error);
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
  return error;
}

}  // namespace

TEST_CASE("connecting to a listener that says nothing takes no longer than was asked for, in a ring too") {
  const SilentListener silent;
  const auto connect = [&](SwarmPeer& peer) {
    return in_time([&](std::error_code& error) { peer.connect("127.0.0.1", silent.port(), 300ms, error); });
  };
  const auto alone = bound(quick());
  CHECK(connect(*alone) == SwarmError::timed_out);
  const auto members = ring(2, [] { return quick(); });
  CHECK(connect(*members[0]) == SwarmError::timed_out);
  CHECK(connect(*members[0]) == SwarmError::timed_out);
}

TEST_CASE("a slow name server holds up neither a connect, nor a send, nor the end of the peer") {
  SlowNames names;
  const auto connect = [](SwarmPeer& peer, const char* host, std::uint16_t port) {
    return in_time([&](std::error_code& error) { peer.connect(host, port, 300ms, error); });
  };
  const auto first = bound(quick());
  auto peer = bound(with_names(names));
  CHECK(connect(*peer, "slow", 1) == SwarmError::timed_out);
  peer->connect("127.0.0.1", first->listener().port);
  CHECK(connect(*peer, "slow", 1) == SwarmError::timed_out);
  CHECK(names.asked() == 2);

  SECTION("others are looked up meanwhile") {
    CHECK(connect(*peer, "quick", first->listener().port) == SwarmError::already_connected);
  }
  SECTION("a send gives up") {
    SwarmPeerOptions options = with_names(names);
    options.limits.name_timeout = 300ms;
    const auto sender = bound(std::move(options));
    const auto error = in_time(
        [&](std::error_code& failed) { sender->send(HostPort{"slow", first->listener().port}, "hello", {}, failed); });
    CHECK(error == SwarmError::timed_out);
    CHECK_NOTHROW(sender->connect("quick", first->listener().port));
    CHECK_NOTHROW(sender->send(HostPort{"quick", first->listener().port}, "hello"));
  }
  SECTION("what is under way ends with the peer") {
    std::promise<std::error_code> told;
    peer->async_connect({"slow", 1}, 1h, [&](std::error_code error) { told.set_value(error); });
    REQUIRE(eventually([&] { return names.asked() == 3; }));
    static_cast<void>(in_time([&](std::error_code&) { peer.reset(); }));
    CHECK(told.get_future().get() == SwarmError::closed);
  }
}

TEST_CASE("only so many names are looked up at a time; the others wait, and give up when their time is over") {
  SlowNames names;
  const auto peer = bound(with_names(names));
  const auto other = bound(quick());
  peer->connect("127.0.0.1", other->listener().port);
  constexpr int count = NameLookup::threads_max + 4;
  std::vector<std::promise<std::error_code>> told(count);
  for (int i = 0; i < count; ++i)
    peer->async_connect({"slow", 1}, i < NameLookup::threads_max ? Duration(1h) : Duration(100ms),
                        [&told, i](std::error_code error) { told[static_cast<std::size_t>(i)].set_value(error); });
  for (int i = NameLookup::threads_max; i < count; ++i)
    CHECK(told[static_cast<std::size_t>(i)].get_future().get() == SwarmError::timed_out);
  REQUIRE(eventually([&] { return names.asked() == NameLookup::threads_max; }));
  names.answer();
  for (int i = 0; i < NameLookup::threads_max; ++i)
    CHECK(told[static_cast<std::size_t>(i)].get_future().get() != SwarmError::timed_out);
  CHECK(names.asked() == NameLookup::threads_max);
  std::error_code error;
  peer->connect("slow", other->listener().port, 10s, error);  // There are threads again.
  CHECK(error == SwarmError::already_connected);
}
