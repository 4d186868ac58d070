#include "receiver.hpp"

#include <algorithm>

#include "key_file.hpp"
#include "on_context.hpp"
#include "sealing.hpp"

namespace cicada::node {

void Receiver::use(std::shared_ptr<SwarmPeer> peer) {
  ++generation_;
  is_asking_ = false;
  if (peer_) {
    while (auto message = peer_->try_recv()) accept(*std::move(message));
  }
  peer_ = std::move(peer);
  pump();
}

void Receiver::stop() {
  ++generation_;
  peer_.reset();
}

void Receiver::wait(Waiter waiter) {
  waiters_.push_back(std::move(waiter));
  pump();
}

void Receiver::give_back(OpenedMessage message) {
  kept_.insert(std::ranges::lower_bound(kept_, message.number, {}, &OpenedMessage::number), std::move(message));
  pump();
}

void Receiver::pump() {
  while (!waiters_.empty() && !waiters_.front().is_wanted()) waiters_.pop_front();
  while (!waiters_.empty() && !kept_.empty()) {
    const Waiter waiter = std::move(waiters_.front());
    waiters_.pop_front();
    if (!waiter.is_wanted()) continue;
    const OpenedMessage message = std::move(kept_.front());
    kept_.pop_front();
    waiter.deliver(message);
  }
  if (waiters_.empty() || is_asking_ || !peer_) return;
  is_asking_ = true;
  peer_->async_recv(
      on_context(context_, [this, generation = generation_](std::error_code error, Received message) mutable {
        if (generation == generation_) on_received(error, std::move(message));
        // The peer was replaced meanwhile; the message is as good as any.
        else if (!error)
          accept(std::move(message));
      }));
}

void Receiver::on_received(std::error_code error, Received message) {
  is_asking_ = false;
  // Closed: a new peer is on its way, or the program's end.
  if (error) return;
  accept(std::move(message));
}

void Receiver::accept(Received message) {
  if (auto opened = open(std::move(message))) {
    opened->number = ++last_number_;
    kept_.push_back(*std::move(opened));
  }
  pump();
}

std::optional<OpenedMessage> Receiver::open(Received message) {
  OpenedMessage opened;
  const auto refuse = [&](std::string_view why) {
    ++refused_;
    log_.warning("message refused", {{"from", cicada::to_string(message.source.endpoint)}, {"why", why}});
    return std::nullopt;
  };
  const TrustedPeer* pinned = trusted_.by_id(message.source.id);
  if (pinned != nullptr && message.source.key != pinned->key) {
    return refuse("its source has a pinned address, and another key than the pinned one");
  }
  if (pinned == nullptr && message.source.key) pinned = trusted_.by_key(*message.source.key);
  if (is_sealed(message.data)) {
    if (!message.source.key) return refuse("sealed, and its source has no key");
    auto payload = unseal(message.data, *message.source.key, key_);
    if (!payload) return refuse("sealed, but not by its source for this node");
    message.data = *std::move(payload);
    opened.sealed = true;
  }
  if (config_.require_sealed && !(opened.sealed && pinned != nullptr)) {
    return refuse("not sealed by a pinned peer, which the configuration requires");
  }
  opened.is_trusted = pinned != nullptr;
  if (pinned != nullptr) opened.trusted_name = pinned->name;
  opened.message = std::move(message);
  return opened;
}

}  // namespace cicada::node
