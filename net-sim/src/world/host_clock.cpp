#include "host_clock.hpp"

#include <sys/resource.h>

#include <ctime>

namespace cicada::sim::host {
namespace {

double read(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

double wall_s() { return read(CLOCK_MONOTONIC); }
double cpu_s() { return read(CLOCK_THREAD_CPUTIME_ID); }

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace cicada::sim::host
