#include "announcements.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace cicada {
namespace {

constexpr in_port_t announcement_port = 5350;
constexpr int datagrams_max = 100;

bool set_up(int descriptor) {
  // Other programs on this host listen there too.
  const int on = 1;
  if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return false;
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(announcement_port);
  here.sin_addr.s_addr = htonl(INADDR_ALLHOSTS_GROUP);
  // The one cast that the sockets interface asks for.
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) return false;  // NOLINT
  ip_mreqn group{};
  group.imr_multiaddr.s_addr = htonl(INADDR_ALLHOSTS_GROUP);
  // Every host belongs to this group as it is; joining only matters on systems that are strict about it.
  (void)setsockopt(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
  return true;
}

}  // namespace

Announcements::Announcements() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0 || set_up(socket_)) return;
  close(socket_);
  socket_ = -1;
}

Announcements::~Announcements() {
  if (socket_ >= 0) close(socket_);
}

void Announcements::drain() const {
  std::array<char, 64> bytes;
  for (int i = 0; i < datagrams_max && recv(socket_, bytes.data(), bytes.size(), 0) >= 0; ++i) {
  }
}

}  // namespace cicada
