// What a swarm of processes costs and how fast it is: joining, routed messages, memory, idling, the death of a quarter.
// Every peer is a process of its own with default options; as root the swarm has a network namespace of its own, so
// that the packets counted are its own.
//
//   swarm_bench [PEERS [IDLE_S]]     32 peers, twice 60 s of idling; about three minutes

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <stdexcept>

#include "bench_peer.hpp"
#include "process_figures.hpp"

namespace {

using namespace cicada;
using namespace cicada::bench;
using namespace std::chrono_literals;

struct Process {
  pid_t pid = 0;
  Lines lines{-1};
  std::uint16_t port = 0;

  std::string ask(const std::string& what) {
    lines.write(what);
    auto answer = lines.read();
    if (!answer) throw std::runtime_error("a peer has ended by itself");
    return *answer;
  }
};

Process start() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw std::runtime_error("socketpair");
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  const std::string handle = std::to_string(ends[1]);
  const pid_t pid = fork();
  if (pid == 0) {
    execl("/proc/self/exe", "swarm_bench", "--peer", handle.c_str(), nullptr);
    _exit(127);
  }
  ::close(ends[1]);
  Process process{pid, Lines(ends[0]), 0};
  const auto port = process.lines.read();
  if (pid < 0 || !port) throw std::runtime_error("a peer does not start");
  process.port = static_cast<std::uint16_t>(std::stoul(*port));
  return process;
}

/// A namespace of its own, with nothing in it but the loopback interface. Gives false where that is not allowed.
bool enter_namespace() {
  if (unshare(CLONE_NEWNET) != 0) return false;
  const int handle = ::socket(AF_INET, SOCK_DGRAM, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool good = ioctl(handle, SIOCSIFFLAGS, &request) == 0;
  ::close(handle);
  return good;
}

class Swarm {
 public:
  ~Swarm() {
    for (const Process& process : processes_) {
      kill(process.pid, SIGKILL);
      waitpid(process.pid, nullptr, 0);
    }
  }

  /// Microseconds until the newcomer was a member.
  double add() {
    processes_.push_back(start());
    if (processes_.size() == 1) return 0;
    const std::string took = processes_.back().ask("connect " + std::to_string(processes_.front().port));
    char* end = nullptr;
    const double us = std::strtod(took.c_str(), &end);
    if (*end != '\0') throw std::runtime_error("a peer does not join: " + took);
    return us;
  }

  /// Seconds until everybody's neighbours are right.
  double until_whole() {
    const auto begin = SteadyClock::now();
    while (!is_whole()) {
      if (us_since(begin) > 60e6) throw std::runtime_error("no whole ring after a minute");
      std::this_thread::sleep_for(1ms);  // A look costs every peer a little.
    }
    return us_since(begin) * 1e-6;
  }

  void kill_some(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) kill(processes_[2 * i + 1].pid, SIGKILL);
    for (std::size_t i = count; i-- > 0;) {
      waitpid(processes_[2 * i + 1].pid, nullptr, 0);
      processes_.erase(processes_.begin() + static_cast<std::ptrdiff_t>(2 * i + 1));
    }
  }

  /// The ports of all but the first `less` and the last one, each after a blank.
  [[nodiscard]] std::string ports(std::size_t count) const {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += " " + std::to_string(processes_[i].port);
    return text;
  }
  [[nodiscard]] std::vector<pid_t> pids() const {
    std::vector<pid_t> pids;
    for (const Process& process : processes_) pids.push_back(process.pid);
    return pids;
  }
  std::vector<Process>& processes() { return processes_; }

 private:
  bool is_whole() {
    std::map<std::string, std::pair<std::string, std::string>> ring;
    for (Process& process : processes_) {
      std::istringstream words(process.ask("state"));
      std::string id, successor, predecessor;
      words >> id >> successor >> predecessor;
      ring[id] = {successor, predecessor};
    }
    std::string before = ring.rbegin()->first;
    for (const auto& [id, neighbours] : ring) {
      if (neighbours.second != before || ring[before].first != id) return false;
      before = id;
    }
    return true;
  }
  std::vector<Process> processes_;
};

void print_sends(const char* title, const SendFigures& f) {
  std::printf("%s: p50 %.0f us, p90 %.0f, p99 %.0f, max %.0f; %.2f hops; %llu delivered, %llu failed%s\n", title,
              f.p50_us, f.p90_us, f.p99_us, f.max_us, f.hops, static_cast<unsigned long long>(f.delivered),
              static_cast<unsigned long long>(f.failed), f.why.c_str());
}

void join(Swarm& swarm, std::size_t count) {
  std::vector<double> joins;
  for (std::size_t i = 0; i < count; ++i) {
    const double us = swarm.add();
    if (i > 0) joins.push_back(us);
  }
  const double whole_s = swarm.until_whole();
  const double p50 = quantile(joins, 0.5);
  std::printf("join: p50 %.1f ms, p90 %.1f, p99 %.1f (n=%zu); ring right %.3f s after the last one\n", p50 * 1e-3,
              quantile(joins, 0.9) * 1e-3, quantile(joins, 0.99) * 1e-3, joins.size(), whole_s);
}

void memory(Swarm& swarm, const char* when) {
  std::vector<double> rss, dirty, pss;
  double links = 0;
  for (Process& process : swarm.processes()) {
    const Memory one = memory_of(process.pid);
    rss.push_back(one.rss_kib);
    pss.push_back(one.pss_kib);
    dirty.push_back(one.private_dirty_kib);
    const std::string state = process.ask("state");
    links += std::strtod(state.c_str() + state.rfind(' '), nullptr);
  }
  std::printf("memory %s: RSS %.1f MiB, PSS %.1f, private dirty %.2f (medians), %.1f links each\n", when,
              quantile(rss, 0.5) / 1024, quantile(pss, 0.5) / 1024, quantile(dirty, 0.5) / 1024,
              links / static_cast<double>(swarm.processes().size()));
}

void idle(Swarm& swarm, const char* when, double seconds) {
  const auto pids = swarm.pids();
  const Traffic traffic = loopback_traffic();
  const double cpu = cpu_s(pids);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const Traffic sent = loopback_traffic() - traffic;
  const double nodes = static_cast<double>(pids.size());
  std::printf("idle %.0f s %s, per node: %.4f %% CPU, %.1f B/s, %.2f packets/s on the wire\n", seconds, when,
              (cpu_s(pids) - cpu) / seconds / nodes * 100, sent.bytes / seconds / nodes,
              sent.packets / seconds / nodes);
}

/// From the last peer to all others by turns.
void sends(Swarm& swarm, const char* title, const std::string& words) {
  const auto pids = swarm.pids();
  const Traffic traffic = loopback_traffic();
  const double cpu = cpu_s(pids);
  const double client_cpu = cpu_s(pids.back());
  const auto f = SendFigures::parse(swarm.processes().back().ask(words + swarm.ports(pids.size() - 1)));
  const double spent = cpu_s(pids) - cpu;
  const double client_spent = cpu_s(pids.back()) - client_cpu;
  const Traffic sent = loopback_traffic() - traffic;
  const double count = static_cast<double>(f.delivered + f.failed);
  print_sends(title, f);
  std::printf("%s: %.0f/s, %.0f us CPU each (%.0f of them the sender's), %.0f per hop, %.1f packets, %.0f bytes each\n",
              title, count / f.seconds, spent / count * 1e6, client_spent / count * 1e6, spent / count / f.hops * 1e6,
              sent.packets / count, sent.bytes / count);
}

/// What went wrong on links so far, of all peers together.
void losses(Swarm& swarm) {
  constexpr const char* names[] = {"links lost", "handshakes failed", "dials failed", "refused",
                                   "malformed",  "dropped",           "throttled"};
  std::array<std::uint64_t, std::size(names)> sums{};
  for (Process& process : swarm.processes()) {
    std::istringstream words(process.ask("losses"));
    for (std::uint64_t& sum : sums) {
      std::uint64_t one = 0;
      words >> one;
      sum += one;
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    std::printf("%s%s %llu", i == 0 ? "so far: " : ", ", names[i], static_cast<unsigned long long>(sums[i]));
  std::puts("");
}

/// SIGKILL to a quarter while the last peer sends to those that stay.
void death_of_a_quarter(Swarm& swarm) {
  const std::size_t dying = swarm.processes().size() / 4;
  std::string ports;
  for (std::size_t i = 0; i + 1 < swarm.processes().size(); ++i)
    if (i % 2 == 0 || i >= 2 * dying) ports += " " + std::to_string(swarm.processes()[i].port);
  Process& client = swarm.processes().back();
  client.lines.write("send 3000 64 0" + ports);
  std::this_thread::sleep_for(100ms);  // It is in the middle of them.
  Lines lines = client.lines;
  swarm.kill_some(dying);
  const auto killed = SteadyClock::now();
  const auto answer = lines.read();
  if (!answer) throw std::runtime_error("the sender has ended by itself");
  print_sends("sends while a quarter is killed", SendFigures::parse(*answer));
  std::printf("all sends over %.2f s after the kill; ring right %.3f s after that\n", us_since(killed) * 1e-6,
              swarm.until_whole());
}

/// Another quarter, to see how long the ring and a newcomer take.
void repair(Swarm& swarm) {
  swarm.kill_some(swarm.processes().size() / 4);
  const auto killed = SteadyClock::now();
  const double join_us = swarm.add();
  std::printf("a quarter of those is killed: a newcomer joins in %.1f ms, ", join_us * 1e-3);
  swarm.until_whole();
  std::printf("ring right %.3f s after the kill\n", us_since(killed) * 1e-6);
}

}  // namespace

int main(int count, char** words) try {
  if (count == 3 && std::string(words[1]) == "--peer") return BenchPeer(std::atoi(words[2])).run();
  const std::size_t peers = count > 1 ? std::max(8UL, std::strtoul(words[1], nullptr, 10)) : 32;
  const double idle_s = count > 2 ? std::strtod(words[2], nullptr) : 60;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (!enter_namespace()) std::puts("not alone on the loopback interface: packets and bytes count everybody's");
  Swarm swarm;
  join(swarm, peers);
  memory(swarm, "of the new ring");
  for (const char* when : {"at first", "later"})  // At first the ring opens the links that it wants.
    if (idle_s > 0) idle(swarm, when, idle_s);
  sends(swarm, "64 B, one at a time, first", "send 500 64 0");
  losses(swarm);
  sends(swarm, "64 B, one at a time, then", "send 3000 64 0");
  sends(swarm, "64 B, duplicates=1", "send 3000 64 1");
  sends(swarm, "1 KiB, one at a time", "send 3000 1024 0");
  sends(swarm, "64 B, 64 at a time", "flood 10000 64 0");
  double p50 = 0, p99 = 0, found = 0;
  std::istringstream(swarm.processes().back().ask("lookup 2000")) >> p50 >> p99 >> found;
  std::printf("lookups: p50 %.0f us, p99 %.0f; %.0f of 2000 found\n", p50, p99, found);
  memory(swarm, "after that");
  losses(swarm);
  death_of_a_quarter(swarm);
  repair(swarm);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "swarm_bench: %s\n", error.what());
  return 1;
}
