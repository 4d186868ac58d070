#pragma once
/// Hears gateways announce that they restarted or have a new address: NAT-PMP's and PCP's multicast to 224.0.0.1, port
/// 5350 (RFC 6886 section 3.2.1, RFC 6887 section 14.1). What they say is not believed, as anybody on the network may
/// say it; it is a reason to look sooner.

namespace cicada {

class Announcements {
 public:
  /// Where the socket cannot be had, nothing is ever heard.
  Announcements();
  Announcements(const Announcements&) = delete;
  Announcements& operator=(const Announcements&) = delete;
  ~Announcements();

  /// Readable when there is an announcement; -1 where there is no socket.
  [[nodiscard]] int descriptor() const { return socket_; }
  /// Throws away what has arrived, a hundred datagrams at most.
  void drain() const;

 private:
  int socket_;
};

}  // namespace cicada
