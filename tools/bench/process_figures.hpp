#pragma once
/// What the kernel says about processes and the loopback interface: CPU time, memory, packets. Linux only.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

namespace cicada::bench {

/// Seconds of all threads of a process that live.
inline double cpu_s(pid_t process) {
  double ns = 0;
  std::error_code ignored;
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", ignored)) {
    double on_cpu = 0;
    std::ifstream(thread.path() / "schedstat") >> on_cpu;
    ns += on_cpu;
  }
  return ns * 1e-9;
}

inline double cpu_s(std::span<const pid_t> processes) {
  double sum = 0;
  for (const pid_t process : processes) sum += cpu_s(process);
  return sum;
}

struct Memory {
  double rss_kib = 0, pss_kib = 0, private_dirty_kib = 0;
};

inline Memory memory_of(pid_t process) {
  Memory memory;
  std::ifstream in("/proc/" + std::to_string(process) + "/smaps_rollup");
  for (std::string word; in >> word;) {
    if (word == "Rss:") in >> memory.rss_kib;
    if (word == "Pss:") in >> memory.pss_kib;
    if (word == "Private_Dirty:") in >> memory.private_dirty_kib;
  }
  return memory;
}

struct Traffic {
  double bytes = 0, packets = 0;
  friend Traffic operator-(const Traffic& a, const Traffic& b) { return {a.bytes - b.bytes, a.packets - b.packets}; }
};

/// Of the loopback interface of this network namespace, headers of IP and TCP included; each packet once.
inline Traffic loopback_traffic() {
  Traffic traffic;
  std::ifstream in("/proc/self/net/dev");
  for (std::string word; in >> word;)
    if (word == "lo:") in >> traffic.bytes >> traffic.packets;
  return traffic;
}

}  // namespace cicada::bench
