#include "circuits.hpp"

#include <algorithm>
#include <set>

namespace cicada {
namespace {

constexpr auto pass_period = std::chrono::milliseconds(20);

}  // namespace

Circuits::Circuits(CircuitsOwner& owner, const LinkContext& context)
    : owner_(owner), context_(context), timer_(context.reactor) {}

Circuits::~Circuits() {
  for (auto& [link, numbers] : std::exchange(places_, {}))
    for (auto& [number, place] : numbers)
      if (place.socket) place.socket->detach();
}

bool Circuits::send(Link& link, const DetourFrame& frame) {
  return link.control(type_of(frame), [&](std::vector<std::uint8_t>& out) { encode(frame, out); });
}

void Circuits::end(Link& link, std::uint32_t number, CircuitEnding reason) { send(link, CircuitEnd{number, reason}); }

Circuits::Place* Circuits::find(const Link& link, std::uint32_t number) {
  const auto numbers = places_.find(&link);
  if (numbers == places_.end()) return nullptr;
  const auto place = numbers->second.find(number);
  return place == numbers->second.end() ? nullptr : &place->second;
}

/// An empty one where the number means nothing.
Circuits::Place Circuits::take(const Link& link, std::uint32_t number) {
  const auto numbers = places_.find(&link);
  if (numbers == places_.end()) return {};
  auto node = numbers->second.extract(number);
  if (numbers->second.empty()) places_.erase(numbers);
  return node ? std::move(node.mapped()) : Place{};
}

bool Circuits::crowded(const Link& link) const {
  const auto numbers = places_.find(&link);
  return numbers != places_.end() && numbers->second.size() >= context_.limits.circuits_per_link_max;
}

std::optional<std::uint32_t> Circuits::free_number(Link& link) {
  if (crowded(link)) return std::nullopt;
  const std::uint32_t first = link.role() == Link::Role::dialled ? 0 : 1;
  std::uint32_t& next = next_numbers_.try_emplace(&link, first).first->second;
  while (find(link, next) != nullptr) next += 2;  // After 2^31 circuits; ends, because there are few at a time.
  return std::exchange(next, next + 2);
}

/// May the other side begin a circuit with this number?
bool Circuits::may_name(const Link& link, std::uint32_t number) {
  const std::uint32_t first = link.role() == Link::Role::dialled ? 1 : 0;
  return number % 2 == first && find(link, number) == nullptr;
}

std::shared_ptr<CircuitSocket> Circuits::make_socket(Link& link, std::uint32_t number) {
  return std::make_shared<CircuitSocket>(context_.reactor, context_.counts, *this, link, number);
}

// --------------------------------------------------------------------------------------------- circuits that end here

void Circuits::ask(Link& relay, const Id& target, AskHandler handler) {
  const auto number = free_number(relay);
  if (!number || !send(relay, CircuitAsk{*number, target})) return handler(nullptr);
  places_[&relay][*number].asked = std::move(handler);
}

bool Circuits::on_frame(Link& link, const CircuitOffer& frame) {
  if (!may_name(link, frame.number)) return false;
  const bool room = !crowded(link);
  auto socket = make_socket(link, frame.number);
  places_[&link][frame.number].socket = socket;
  if (!room || link.relayed() || !send(link, CircuitOpen{frame.number}) || !owner_.on_circuit(socket)) {
    static_cast<void>(take(link, frame.number));
    end(link, frame.number, CircuitEnding::full);
    socket->detach();
  }
  return true;
}

bool Circuits::on_frame(Link& link, const CircuitOpen& frame) {
  Place* const place = find(link, frame.number);
  if (place == nullptr) return true;  // Ended here meanwhile.
  if (place->asked) {
    AskHandler handler = std::exchange(place->asked, nullptr);
    place->socket = make_socket(link, frame.number);
    handler(place->socket);
    return true;
  }
  if (!place->relayed || place->side != 1 || place->relayed->open) return false;
  place->relayed->open = true;
  const Side& asker = place->relayed->sides[0];
  if (!send(*asker.link, CircuitOpen{asker.number})) end_relayed(place->relayed, CircuitEnding::full);
  return true;
}

bool Circuits::give_data(const CircuitSocket& socket, std::span<const std::uint8_t> bytes) {
  return send(*socket.carrier(), CircuitData{socket.number(), bytes});
}

void Circuits::give_credit(const CircuitSocket& socket, std::uint32_t bytes) {
  send(*socket.carrier(), CircuitCredit{socket.number(), bytes});
}

void Circuits::leave(const CircuitSocket& socket) {
  const Place* const place = find(*socket.carrier(), socket.number());
  if (place == nullptr || place->socket.get() != &socket) return;
  const Place last = take(*socket.carrier(), socket.number());
  end(*socket.carrier(), socket.number(), CircuitEnding::closed);
}

// ------------------------------------------------------------------------------------- circuits that this node relays

/// At the limit the one that has been silent for longest gives way.
bool Circuits::make_room() {
  if (relayed_ < context_.limits.circuits_max) return true;
  std::shared_ptr<Relayed> oldest;
  for (const auto& [link, numbers] : places_)
    for (const auto& [number, place] : numbers)
      if (place.relayed && (!oldest || place.relayed->last_used < oldest->last_used)) oldest = place.relayed;
  if (!oldest || Clock::now() - oldest->last_used < context_.limits.circuit_idle) return false;
  end_relayed(oldest, CircuitEnding::full);
  return true;
}

bool Circuits::on_frame(Link& link, const CircuitAsk& frame) {
  if (!may_name(link, frame.number)) return false;
  Link* const other = link.relayed() ? nullptr : owner_.direct_link(frame.target);
  if (other == nullptr || other == &link) {
    end(link, frame.number, CircuitEnding::unknown);
    return true;
  }
  const auto number = crowded(link) || !make_room() ? std::nullopt : free_number(*other);
  if (!number || !send(*other, CircuitOffer{*number, owner_.peer_id(link)})) {
    end(link, frame.number, CircuitEnding::full);
    return true;
  }
  const auto relayed = std::make_shared<Relayed>();
  relayed->sides = {Side{&link, frame.number}, Side{other, *number}};
  relayed->tokens = context_.limits.circuit_bytes_per_second;
  places_[&link][frame.number] = Place{nullptr, nullptr, relayed, 0};
  places_[other][*number] = Place{nullptr, nullptr, relayed, 1};
  ++relayed_;
  ++context_.counts.circuits_relayed;
  return true;
}

bool Circuits::on_frame(Link& link, const CircuitData& frame) {
  Place* const place = find(link, frame.number);
  if (place == nullptr) return true;  // Ended here meanwhile.
  if (place->socket) return place->socket->take(frame.bytes);
  if (!place->relayed || !place->relayed->open) return false;
  const auto relayed = place->relayed;
  Side& from = relayed->sides[place->side];
  const Side& to = relayed->sides[1 - place->side];
  if (frame.bytes.size() > from.may_send) {
    end_relayed(relayed, CircuitEnding::misused);
    return false;
  }
  from.may_send -= static_cast<std::uint32_t>(frame.bytes.size());
  relayed->last_used = Clock::now();
  context_.counts.relayed_bytes += frame.bytes.size();
  if (!send(*to.link, CircuitData{to.number, frame.bytes})) end_relayed(relayed, CircuitEnding::full);
  return true;
}

bool Circuits::on_frame(Link& link, const CircuitCredit& frame) {
  Place* const place = find(link, frame.number);
  if (place == nullptr) return true;
  if (place->socket) return place->socket->grant(frame.bytes);
  if (!place->relayed) return false;
  Side& to = place->relayed->sides[1 - place->side];
  if (frame.bytes > circuit_window - to.may_send - to.held) {
    end_relayed(place->relayed, CircuitEnding::misused);
    return false;
  }
  to.held += frame.bytes;
  pass_credit(*place->relayed);
  return true;
}

/// A bucket that holds the bytes of one second. It may go below zero by a window, once.
void Circuits::pass_credit(Relayed& relayed) {
  const auto now = Clock::now();
  const double rate = context_.limits.circuit_bytes_per_second;
  relayed.tokens = std::min(rate, relayed.tokens + rate * std::chrono::duration<double>(now - relayed.since).count());
  relayed.since = now;
  for (Side& side : relayed.sides) {
    if (side.held == 0) continue;
    if (relayed.tokens <= 0) return pass_held_later();
    const std::uint32_t bytes = std::exchange(side.held, 0);
    relayed.tokens -= bytes;
    side.may_send += bytes;
    send(*side.link, CircuitCredit{side.number, bytes});
  }
}

void Circuits::pass_held_later() {
  if (std::exchange(timer_runs_, true)) return;
  ++context_.counts.throttled;
  timer_.expires_after(pass_period);
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (error || alive.expired()) return;
    timer_runs_ = false;
    std::set<std::shared_ptr<Relayed>> waiting;
    for (const auto& [link, numbers] : places_)
      for (const auto& [number, place] : numbers)
        if (place.relayed && place.relayed->sides[place.side].held > 0) waiting.insert(place.relayed);
    for (const auto& relayed : waiting) pass_credit(*relayed);
  });
}

void Circuits::end_relayed(std::shared_ptr<Relayed> relayed, CircuitEnding reason) {
  for (const Side& side : relayed->sides) {
    const Place* const place = find(*side.link, side.number);
    if (place == nullptr || place->relayed != relayed) continue;  // That side has said so itself.
    static_cast<void>(take(*side.link, side.number));
    end(*side.link, side.number, reason);
  }
  --relayed_;
}

// ------------------------------------------------------------------------------------------------------------- endings

bool Circuits::on_frame(Link& link, const CircuitEnd& frame) {
  Place place = take(link, frame.number);
  if (place.asked) place.asked(nullptr);
  if (place.socket) place.socket->detach();
  if (place.relayed) end_relayed(std::move(place.relayed), frame.reason);
  return true;
}

void Circuits::on_link_gone(Link& link) {
  next_numbers_.erase(&link);
  auto numbers = places_.extract(&link);
  if (!numbers) return;
  for (auto& [number, place] : numbers.mapped()) {
    if (place.socket) place.socket->detach();
    if (place.relayed) end_relayed(std::move(place.relayed), CircuitEnding::closed);
    if (place.asked) place.asked(nullptr);
  }
}

}  // namespace cicada
