#pragma once
/// What an iterative lookup knows while it is under way: the peers around the key, and which of them answered. It
/// decides whom to ask next and when the owner is certain; it sends nothing and keeps no time.
///
/// A candidate lies before the key, in (self, key), or behind it, in [key, self). The owner is the nearest one behind
/// the key that lives. So the lookup goes on until a peer behind the key claims it for itself, or until the nearest one
/// that answers is found and all nearer ones that anybody has named are silent.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <cicada/id.hpp>
#include <cicada/peer.hpp>
#include <cicada/ring_order.hpp>

namespace cicada {

class LookupSearch {
 public:
  static constexpr std::size_t candidates_max = 64;  ///< Farther ones give way.

  /// `both_sides`: peers behind the key are candidates too, and one of them must claim the key itself. Otherwise only
  /// those before it are asked, and asked again when somebody names them again: the key's predecessor may have learnt
  /// meanwhile which of its successors is dead.
  LookupSearch(const Peer& self, const Id& key, bool both_sides) : key_(key), self_(self), both_sides_(both_sides) {}

  /// `from` answered and named `names`; `covers` as in `NextHops::final`. `from` may be this node itself, which then
  /// tells what its own tables say, and names itself where nobody whom it knows would own the key before it.
  void took_names(const RingOrder& order, const Peer& from, std::span<const Peer> names, bool covers);
  /// `peer` has not answered for a while; its answer is still welcome.
  void is_late(const Peer& peer) { set(peer, State::asked, State::late); }
  /// `peer` will not answer any more. Gives true where that is news: it has not been late before.
  bool is_silent(const Peer& peer);

  /// Whom to ask now; nullopt where nobody is left, or where the answers to come may make it needless. The peer counts
  /// as asked from then on.
  [[nodiscard]] std::optional<Peer> next();
  /// The nearest peer behind the key that answers, once all nearer ones are silent; `self` where it is this node.
  [[nodiscard]] std::optional<Peer> nearest_alive() const;

  /// Does `peer` lie behind the key? Only then can it own it: this node lies between the key and the others.
  [[nodiscard]] bool is_behind(const RingOrder& order, const Peer& peer) const {
    return !order.open(self_, peer, key_);
  }
  [[nodiscard]] bool both_sides() const { return both_sides_; }
  /// Questions that may still be answered in time.
  [[nodiscard]] std::size_t waiting() const { return count(State::asked); }
  /// Questions that may still be answered at all.
  [[nodiscard]] std::size_t open() const { return count(State::asked) + count(State::late); }
  /// Time-outs so far: how much more than usual is to be asked.
  [[nodiscard]] unsigned troubles() const { return troubles_; }
  [[nodiscard]] unsigned questions() const { return questions_; }
  /// Another try of the source goes on from here: as many questions again.
  void try_again() { questions_ = 0; }
  /// Since the last call: has a question become late?
  [[nodiscard]] bool stirred() const { return stirred_; }
  void rest() { stirred_ = false; }

  template <class Visitor>
  void for_each_peer(Visitor&& visit) const {
    for (const Candidate& candidate : candidates_) visit(candidate.peer);
  }

 private:
  enum class State : std::uint8_t { unasked, asked, late, silent, answered };
  struct Candidate {
    Peer peer;
    State state = State::unasked;
    bool behind = false;
    bool covered = false;  ///< All that is known to lie between it and the key is a candidate.
    bool again = false;    ///< Has been asked a second time.
  };

  /// How far from the key, on its side. Ids whose first 64 bits are equal count as equally near.
  [[nodiscard]] std::uint64_t distance(const Candidate& candidate) const {
    return candidate.behind ? candidate.peer.prefix() - key_.prefix() : key_.prefix() - candidate.peer.prefix();
  }
  [[nodiscard]] Candidate* find(const Peer& peer);
  Candidate* add(const RingOrder& order, const Peer& peer);
  void set(const Peer& peer, State from, State to);
  [[nodiscard]] std::size_t count(State state) const;
  template <class Wanted>
  [[nodiscard]] const Candidate* nearest(Wanted&& wanted) const;
  [[nodiscard]] std::optional<Peer> ask(const Candidate* candidate);

  Id key_;
  Peer self_;
  std::vector<Candidate> candidates_;
  std::uint16_t questions_ = 0;
  std::uint8_t troubles_ = 0;
  bool both_sides_ = false;
  bool self_covered_ = false;  ///< As `Candidate::covered`, for this node as the owner.
  bool stirred_ = false;
};

}  // namespace cicada
