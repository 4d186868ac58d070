// What links and peers cost on this machine: messages per second on one link, handshakes per second, the time and the
// rate of routed messages, memory per peer and per link. Both ends are in this process, on one reactor thread where not
// said otherwise; so a rate counts the work of both sides.
//
//   node_bench            everything, about half a minute
//   node_bench 64         only the rings, of 64 peers

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/post.hpp>
#include <cicada/codec.hpp>
#include <cicada/swarm_peer.hpp>

#include "endpoints.hpp"
#include "link.hpp"
#include "reactor.hpp"
#include "tls_identity.hpp"

namespace {

using namespace cicada;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

double cpu_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto s = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return s(usage.ru_utime) + s(usage.ru_stime);
}

double resident_kib() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  long pages = 0;
  long resident = 0;
  const int read = file == nullptr ? 0 : std::fscanf(file, "%ld %ld", &pages, &resident);
  if (file != nullptr) std::fclose(file);
  return read == 2 ? static_cast<double>(resident) * 4 : 0;
}

/// Two ends of one link, and nothing above them.
class Ends final : public LinkOwner {
 public:
  explicit Ends(std::size_t payload) : payload_(payload), tls_(make_tls_context(random_seed())) {
    limits_.messages_per_second = 1U << 30;
    limits_.bytes_per_second = std::size_t{1} << 40;
    acceptor_.async_accept([this](const boost::system::error_code& error, asio::ip::tcp::socket socket) {
      if (error) return;
      in_ = std::make_shared<Link>(static_cast<LinkOwner&>(*this), context_, Link::Role::accepted);
      in_->accept(std::move(socket));
    });
    out_ = std::make_shared<Link>(static_cast<LinkOwner&>(*this), context_, Link::Role::dialled);
    encode(Hello{}, hello_);
    out_->dial(acceptor_.local_endpoint(), hello_);
  }
  ~Ends() {
    out_->abort();
    if (in_) in_->abort();
  }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;

  void run(double time_s) {
    context_.reactor.run_for(100ms);
    const auto begin = Clock::now();
    const double cpu = cpu_s();
    const std::uint64_t before = received_;
    const std::uint64_t records = counts_.records_out;
    pump();
    context_.reactor.run_for(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(time_s)));
    const double elapsed = seconds_since(begin);
    const auto count = static_cast<double>(received_ - before);
    std::printf(
        "one link, %5zu B: %9.0f messages/s, %7.1f MB/s, %6.2f us CPU per message (both ends), %.1f messages per "
        "batch\n",
        payload_, count / elapsed, count * static_cast<double>(payload_) / elapsed / 1e6, (cpu_s() - cpu) / count * 1e6,
        count / static_cast<double>(counts_.records_out - records));
  }

 private:
  void on_key(Link&) override {}
  void on_hello(Link& link, const std::expected<Hello, SwarmError>&) override {
    link.stand(&link == in_.get() ? std::span<const std::uint8_t>(hello_) : std::span<const std::uint8_t>());
  }
  void on_message(Link&, std::span<const std::uint8_t>) override { ++received_; }
  void on_ended(Link&, std::error_code why) override { std::fprintf(stderr, "link: %s\n", why.message().c_str()); }
  /// Keeps up to half a mebibyte under way.
  void pump() {
    const std::vector<std::uint8_t> bytes(payload_, 7);
    while (sent_ - received_ < (std::size_t{512} << 10) / (payload_ + 16)) {
      if (!out_->send([&](auto& out) { out.insert(out.end(), bytes.begin(), bytes.end()); })) break;
      ++sent_;
    }
    asio::post(context_.reactor, [this] { pump(); });
  }

  std::size_t payload_;
  asio::io_context io_{1};
  asio::ssl::context tls_;
  SwarmLimits limits_;
  SwarmStatistics counts_;
  LinkContext context_{io_, tls_, limits_, counts_};
  asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::vector<std::uint8_t> hello_;
  std::shared_ptr<Link> in_;
  std::shared_ptr<Link> out_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

/// Both ends of links to itself, on one thread.
class LinkBench : public LinkOwner {
 protected:
  ~LinkBench() = default;

  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, asio::ip::tcp::socket socket) {
      if (error) return;
      links_.push_back(std::make_shared<Link>(static_cast<LinkOwner&>(*this), context_, Link::Role::accepted));
      links_.back()->accept(std::move(socket));
      accept();
    });
  }
  void dial() {
    links_.push_back(std::make_shared<Link>(static_cast<LinkOwner&>(*this), context_, Link::Role::dialled));
    links_.back()->dial(acceptor_.local_endpoint(), hello_);
  }
  void on_key(Link&) override {}
  void on_message(Link&, std::span<const std::uint8_t>) override {}

  asio::io_context io_{1};
  asio::ssl::context tls_ = make_tls_context(random_seed());
  SwarmLimits limits_;
  SwarmStatistics counts_;
  LinkContext context_{io_, tls_, limits_, counts_};
  asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::vector<std::uint8_t> hello_ = [] {
    std::vector<std::uint8_t> bytes;
    encode(Hello{}, bytes);
    return bytes;
  }();
  std::vector<std::shared_ptr<Link>> links_;
};

/// Full handshakes, hello and all, one after the other and `parallel` at a time.
class Handshakes final : public LinkBench {
 public:
  void run(unsigned parallel, double time_s) {
    accept();
    const double cpu = cpu_s();
    const auto begin = Clock::now();
    for (unsigned i = 0; i < parallel; ++i) dial();
    io_.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(time_s)));
    const double elapsed = seconds_since(begin);
    std::printf("handshakes, %2u at a time: %6.0f/s, %4.0f us CPU each (both ends)\n", parallel, done_ / elapsed,
                (cpu_s() - cpu) / done_ * 1e6);
    for (const auto& link : links_) link->abort();
  }

 private:
  void on_hello(Link& link, const std::expected<Hello, SwarmError>&) override {
    if (link.role() == Link::Role::accepted) return link.stand(hello_);
    link.abort();
    ++done_;
    dial();
  }
  void on_ended(Link& link, std::error_code) override {
    std::erase_if(links_, [&](const auto& one) { return one.get() == &link; });
  }

  double done_ = 0;
};

/// Memory of links that stand and are silent. The kernel's own is not in it.
class Standing final : public LinkBench {
 public:
  void run(unsigned count) {
    accept();
    malloc_trim(0);
    const double before = resident_kib();
    for (unsigned i = 0; i < count; ++i) {
      dial();
      while (standing_ < 2 * (i + 1)) io_.run_one();
    }
    malloc_trim(0);
    std::printf("%u silent links: %.1f KiB per link end\n", count, (resident_kib() - before) / (2.0 * count));
    for (const auto& link : links_) link->abort();
  }

 private:
  void on_hello(Link& link, const std::expected<Hello, SwarmError>&) override {
    link.stand(link.role() == Link::Role::accepted ? std::span<const std::uint8_t>(hello_)
                                                   : std::span<const std::uint8_t>());
    ++standing_;
  }
  void on_ended(Link&, std::error_code why) override { std::fprintf(stderr, "link: %s\n", why.message().c_str()); }

  unsigned standing_ = 0;
};

double percentile(std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

void print_times(const char* what, std::vector<double> us) {
  std::ranges::sort(us);
  std::printf("%s: p50 %.0f us, p90 %.0f, p99 %.0f, max %.0f (n=%zu)\n", what, percentile(us, 0.5), percentile(us, 0.9),
              percentile(us, 0.99), us.back(), us.size());
}

/// A ring on one reactor thread: joining, sending blockingly and many at a time, memory.
void ring(std::size_t count) {
  malloc_trim(0);
  const double memory_before = resident_kib();
  const auto runtime = std::make_shared<Runtime>();
  std::vector<std::unique_ptr<SwarmPeer>> peers;
  std::vector<double> joins;
  for (std::size_t i = 0; i < count; ++i) {
    SwarmPeerOptions options;
    options.runtime = runtime;
    peers.push_back(std::make_unique<SwarmPeer>(std::move(options)));
    peers.back()->bind("127.0.0.1", 0);
    if (i == 0) continue;
    const auto begin = Clock::now();
    peers.back()->connect("127.0.0.1", peers.front()->listener().port);
    joins.push_back(seconds_since(begin) * 1e6);
  }
  const std::string size = std::to_string(count) + " peers, ";
  print_times((size + "connect").c_str(), joins);

  const std::vector<std::uint8_t> data(64, 1);
  std::vector<double> times;
  std::vector<double> warm;
  unsigned failures = 0;
  for (unsigned i = 0; i < 4000; ++i) {
    const auto begin = Clock::now();
    std::error_code error;
    peers[i % count]->send(*peers[(i * 7 + i / count) % count], data, {}, error);
    failures += error ? 1U : 0U;
    (i < 2000 ? times : warm).push_back(seconds_since(begin) * 1e6);
    for (auto& peer : peers) static_cast<void>(peer->try_recv());
  }
  print_times((size + "send 64 B until acknowledged, first 2000").c_str(), times);
  print_times((size + "send 64 B until acknowledged, next 2000").c_str(), warm);

  constexpr unsigned total = 20000;
  constexpr unsigned window = 64;
  std::atomic<unsigned> delivered = 0;
  std::atomic<unsigned> ended = 0;
  unsigned started = 0;
  const double cpu = cpu_s();
  const auto begin = Clock::now();
  while (ended < total) {
    while (started < total && started - ended < window) {
      peers[0]->async_send(*peers[started++ % count], data, {}, [&](std::error_code error, SendReport) {
        if (!error) ++delivered;
        ++ended;
      });
    }
    for (auto& peer : peers)
      while (peer->try_recv()) {
      }
  }
  const double elapsed = seconds_since(begin);
  std::printf(
      "%sone client, %u in flight: %.0f sends/s, %.0f us CPU each (all peers and signatures), %u of %u delivered, %u "
      "failed before\n",
      size.c_str(), window, total / elapsed, (cpu_s() - cpu) / total * 1e6, delivered.load(), total, failures);
  std::uint64_t links = 0;
  std::uint64_t records = 0;
  std::uint64_t messages = 0;
  for (const auto& peer : peers) {
    const SwarmStatistics counts = peer->statistics();
    links += counts.links;
    records += counts.records_out;
    messages += counts.messages_out;
  }
  const double memory = resident_kib() - memory_before;
  std::printf(
      "%smemory %.0f KiB per peer, with %.1f link ends each: %.1f KiB per link end in all; %.2f messages per batch\n",
      size.c_str(), memory / static_cast<double>(count), static_cast<double>(links) / static_cast<double>(count),
      memory / static_cast<double>(std::max<std::uint64_t>(1, links)),
      static_cast<double>(messages) / static_cast<double>(records));
}

}  // namespace

int main(int count, char** words) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // Read while it runs.
  if (count > 1) {
    ring(std::max<std::size_t>(2, std::strtoul(words[1], nullptr, 10)));
    return 0;
  }
  for (const std::size_t payload : {64U, 1024U, 16384U})
    for (int repeat = 0; repeat < 3; ++repeat) Ends(payload).run(1);
  for (const unsigned parallel : {1U, 16U}) Handshakes().run(parallel, 2);
  Standing().run(200);
  ring(2);
  ring(32);
}
