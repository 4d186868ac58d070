#pragma once
/// The `protocol:` section of a scenario: the parameters of the ring as a person writes them. The simulator turns them
/// into the core's own configuration, whose enumerations `Jitter`, `LookupMode`, `FingerOrder` and `Flaw` they share.

#include <cstdint>
#include <optional>
#include <vector>

#include <cicada/chord_config.hpp>
#include <cicada/time.hpp>

namespace cicada::sim {

enum class IdPolicy : std::uint8_t { address, key, certified };
enum class Wire : std::uint8_t { structs, encoded };
enum class Crypto : std::uint8_t { modelled, real };
enum class Rules : std::uint8_t { corrected, chord2001 };

/// Bounds of the retransmission time-out, which follows measured round trips.
struct Rto {
  Duration initial = std::chrono::seconds{1};     ///< Before the first measurement. Default 1 s.
  Duration min = std::chrono::milliseconds{100};  ///< Default 100 ms.
  Duration max = std::chrono::seconds{10};        ///< Default 10 s.
  std::uint32_t tries = 3;                        ///< Transmissions before a peer counts as dead. 1 .. 16. Default 3.
  bool operator==(const Rto&) const = default;
};

/// The section `protocol:`. A period that is absent (`off` in YAML) switches that task off.
struct Protocol {
  std::uint32_t successors = 16;                                   ///< Successor list length r. 1 .. 32. Default 16.
  Duration stabilize = std::chrono::seconds{30};                   ///< Period. Above 0. Default 30 s.
  Jitter jitter = Jitter::uniform;                                 ///< Shape of all periods. Default uniform.
  std::optional<Duration> fix_fingers = std::chrono::seconds{30};  ///< Period of one finger's repair. Default 30 s.
  FingerOrder finger_order = FingerOrder::round_robin;             ///< Which one that is. Default round_robin.
  std::optional<Duration> check_predecessor = std::chrono::seconds{30};  ///< Period of its ping. Default 30 s.
  LookupMode lookup = LookupMode::recursive;                             ///< Default recursive.
  std::uint32_t proximity = 4;  ///< Extra candidates per finger, chosen by round trip. 0 .. 16. Default 4.
  bool eager = true;            ///< Tell the old predecessor about the new one; act on leave hints. Default true.
  Rto rto;                      ///< Retransmission of a request to one peer.
  Duration lookup_timeout = std::chrono::seconds{10};  ///< A lookup without answer is retried, or failed. Default 10 s.
  std::uint32_t lookup_retries = 1;  ///< Whole lookups started again by their source. 0 .. 16. Default 1.
  std::uint32_t hops_max = 64;       ///< A request that travelled further is dropped. 1 .. 255. Default 64.
  bool confirm = true;               ///< The owner of a key answers a lookup itself. Default true.
  bool owner_from_list = false;      ///< Answer for all keys that the successor list covers. Default false.
  bool look_ahead_only = false;      ///< A lookup of an own key goes round the ring. Default false.
  std::uint32_t guards = 8;          ///< Guard links of a peer, in scenarios with sends. 0 .. 16. Default 8.
  std::uint32_t send_tries = 4;      ///< Times that a source begins a send anew. 1 .. 16. Default 4.
  Duration ack_timeout = std::chrono::seconds{3};  ///< Of the first of them; then doubled. Default 3 s.
  bool finger_bound = true;      ///< Check finger answers against the density of the own list. Default true.
  bool evict_on_timeout = true;  ///< Drop a finger or list entry that did not answer. Default true.
  bool fence = true;             ///< Rejoin with a new incarnation when the ring has skipped us. Default true.
  std::optional<Duration> merge_probe = std::chrono::minutes{1};  ///< Period of probes for a lost ring. Default 1 min.
  IdPolicy ids = IdPolicy::address;                               ///< What a peer's id is the hash of. Default address.
  Wire wire = Wire::structs;         ///< `encoded` sends every message through the codec; same digest. Default structs.
  Crypto crypto = Crypto::modelled;  ///< `real` signs and verifies; `modelled` keeps the sizes. Default modelled.
  Rules rules = Rules::corrected;    ///< `chord2001` is the broken original, to test the checker. Default corrected.
  std::vector<Flaw> flaws;           ///< Planted mistakes to test the checker, each at most once. Default none.
  bool operator==(const Protocol&) const = default;
};

}  // namespace cicada::sim
