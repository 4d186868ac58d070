#pragma once
/// One peer of swarm_bench in a process of its own: it does what its parent says, a line at a time on a socket, and
/// answers each with a line.
///
///     connect PORT               -> microseconds until it is a member, or an error
///     send COUNT SIZE K PORT...  -> messages, one after the other, to these peers by turns: a `SendFigures`
///     flood COUNT SIZE K PORT... -> the same, 64 under way at a time
///     lookup COUNT               -> random keys, one after the other: median and 99th percentile in microseconds
///     state                      -> id, successor, predecessor, links
///     losses                     -> counters of what went wrong on links

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <cicada/rng.hpp>
#include <cicada/swarm_peer.hpp>

namespace cicada::bench {

using SteadyClock = std::chrono::steady_clock;

inline double us_since(SteadyClock::time_point begin) {
  return std::chrono::duration<double, std::micro>(SteadyClock::now() - begin).count();
}

/// The share-quantile of a list, which it sorts.
inline double quantile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

/// A socket between the two, a line at a time.
class Lines {
 public:
  explicit Lines(int handle) : handle_(handle) {}
  void write(const std::string& line) const {
    const std::string text = line + "\n";
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t count = ::send(handle_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
      if (count <= 0) return;  // The other side is gone, and will not ask for the answer.
      done += static_cast<std::size_t>(count);
    }
  }
  std::optional<std::string> read() {
    for (;;) {
      if (const auto end = buffer_.find('\n'); end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return line;
      }
      char part[4096];
      const ssize_t count = ::read(handle_, part, sizeof part);
      if (count <= 0) return std::nullopt;
      buffer_.append(part, static_cast<std::size_t>(count));
    }
  }

 private:
  int handle_;
  std::string buffer_;
};

/// What a run of sends came to.
struct SendFigures {
  double seconds = 0, p50_us = 0, p90_us = 0, p99_us = 0, max_us = 0, hops = 0, transmissions = 0;
  std::uint64_t delivered = 0, failed = 0;
  std::string why;  ///< Of the last failure.

  void add(const std::error_code& error, const SendReport& report, double us) {
    ++(error ? failed : delivered);
    if (error) why = error.message();
    if (error) return;
    times.push_back(us);
    hops += report.hops;
    transmissions += report.transmissions;
  }
  [[nodiscard]] std::string text(double took_s) {
    std::ostringstream out;
    const double count = static_cast<double>(std::max<std::uint64_t>(1, delivered));
    const double p50 = quantile(times, 0.5);  // It sorts.
    out << took_s << ' ' << p50 << ' ' << quantile(times, 0.9) << ' ' << quantile(times, 0.99) << ' '
        << (times.empty() ? 0 : times.back()) << ' ' << hops / count << ' ' << transmissions / count << ' ' << delivered
        << ' ' << failed << ' ' << why;
    return out.str();
  }
  static SendFigures parse(const std::string& line) {
    SendFigures figures;
    std::istringstream in(line);
    in >> figures.seconds >> figures.p50_us >> figures.p90_us >> figures.p99_us >> figures.max_us >> figures.hops >>
        figures.transmissions >> figures.delivered >> figures.failed;
    std::getline(in, figures.why);
    return figures;
  }
  std::vector<double> times;
};

class BenchPeer {
 public:
  explicit BenchPeer(int handle) : lines_(handle) {
    peer_.bind("127.0.0.1", 0);
    lines_.write(std::to_string(peer_.listener().port));
  }

  int run() {
    while (const auto line = lines_.read()) {
      std::istringstream words(*line);
      std::string what;
      words >> what;
      if (what == "connect") lines_.write(connect(words));
      if (what == "send" || what == "flood") lines_.write(send(words, what == "flood" ? 64 : 1));
      if (what == "lookup") lines_.write(lookup(words));
      if (what == "state") lines_.write(state());
      if (what == "losses") lines_.write(losses());
    }
    peer_.close();
    return 0;
  }

 private:
  /// Nobody reads what arrives: it is counted and dropped, as an application with a hook does it.
  static SwarmPeerOptions options() {
    SwarmPeerOptions options;
    options.limits.inbox_messages_max = 0;
    options.hooks.recv = [](const RemotePeer&, std::span<const std::uint8_t>) {};
    return options;
  }

  std::string connect(std::istringstream& words) {
    std::uint16_t port = 0;
    words >> port;
    const auto begin = SteadyClock::now();
    std::error_code error;
    peer_.connect("127.0.0.1", port, std::chrono::seconds(30), error);
    return error ? error.message() : std::to_string(us_since(begin));
  }

  std::string send(std::istringstream& words, unsigned window) {
    std::uint64_t count = 0;
    std::size_t size = 0;
    unsigned duplicates = 0;
    words >> count >> size >> duplicates;
    const std::vector<std::uint16_t> ports{std::istream_iterator<std::uint16_t>(words), {}};
    const std::vector<std::uint8_t> data(size, 7);
    SendFigures figures;  // The reactor's thread writes it until all have ended.
    std::atomic<std::uint64_t> ended = 0;
    const auto begin = SteadyClock::now();
    for (std::uint64_t started = 0; started < count; ++started) {
      // Waiting for the kernel instead of spinning: the other peers need this processor.
      for (auto now = ended.load(); started - now >= window; now = ended.load()) ended.wait(now);
      const auto from = SteadyClock::now();
      peer_.async_send(Target("127.0.0.1", ports[started % ports.size()]), data, duplicates,
                       [&, from](std::error_code error, const SendReport& report) {
                         figures.add(error, report, us_since(from));
                         ++ended;
                         ended.notify_one();
                       });
    }
    for (auto now = ended.load(); now < count; now = ended.load()) ended.wait(now);
    return figures.text(us_since(begin) * 1e-6);
  }

  std::string lookup(std::istringstream& words) {
    unsigned count = 0;
    words >> count;
    std::vector<double> times;
    Rng rng(count, Purpose::sampling);
    for (unsigned i = 0; i < count; ++i) {
      const auto begin = SteadyClock::now();
      std::error_code error;
      peer_.lookup(Id{{rng.next(), rng.next(), rng.next(), rng.next()}}, error);
      if (!error) times.push_back(us_since(begin));
    }
    const double p50 = quantile(times, 0.5);
    return std::to_string(p50) + " " + std::to_string(quantile(times, 0.99)) + " " + std::to_string(times.size());
  }

  std::string state() {
    const Id self = peer_.id();
    Id successor = self;
    Id predecessor = self;
    for (const PeerInfo& info : peer_.peers()) {
      if (info.successor && (successor == self || info.contact.id - self < successor - self))
        successor = info.contact.id;
      if (info.predecessor && (predecessor == self || self - info.contact.id < self - predecessor))
        predecessor = info.contact.id;
    }
    return self.to_hex() + " " + successor.to_hex() + " " + predecessor.to_hex() + " " +
           std::to_string(peer_.statistics().links);
  }

  std::string losses() {
    const SwarmStatistics s = peer_.statistics();
    return std::to_string(s.links_lost) + " " + std::to_string(s.handshakes_failed) + " " +
           std::to_string(s.dials_failed) + " " + std::to_string(s.strangers_refused) + " " +
           std::to_string(s.malformed) + " " + std::to_string(s.dropped_full) + " " + std::to_string(s.throttled);
  }

  Lines lines_;
  SwarmPeer peer_{options()};
};

}  // namespace cicada::bench
