#include "interrupt.hpp"

#include <csignal>
#include <initializer_list>

namespace cicada::tool {
namespace {

volatile std::sig_atomic_t caught = 0;

extern "C" void remember_interrupt(int) { caught = 1; }

}  // namespace

void catch_interrupts() {
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before{};
    if (::sigaction(signal, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) continue;
    struct sigaction action{};
    action.sa_handler = remember_interrupt;
    // Without SA_RESTART, so that a wait for children ends too.
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(signal, &action, nullptr);
  }
}

bool interrupted() { return caught != 0; }

}  // namespace cicada::tool
