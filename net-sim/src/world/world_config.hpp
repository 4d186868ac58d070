#pragma once
/// From the words of a scenario to the core's own configuration.

#include <algorithm>
#include <variant>

#include <cicada/sim/scenario.hpp>
#include <cicada/swarm_node.hpp>

namespace cicada::sim {

inline bool has_sends(const Scenario& scenario) {
  return std::ranges::any_of(scenario.workloads,
                             [](const Workload& workload) { return std::holds_alternative<Sends>(workload); });
}

/// `sends`: whether messages are sent at all; guards are kept only then.
inline SwarmConfig swarm_config(const Protocol& protocol, bool sends) {
  SwarmConfig swarm;
  swarm.guards = sends ? protocol.guards : 0;
  swarm.send_tries = protocol.send_tries;
  swarm.ack_timeout = protocol.ack_timeout;
  ChordConfig& chord = swarm.chord;
  chord.successors = protocol.successors;
  chord.stabilize = protocol.stabilize;
  chord.fix_fingers = protocol.fix_fingers.value_or(Duration::zero());
  chord.finger_order = protocol.finger_order;
  chord.check_predecessor = protocol.check_predecessor.value_or(Duration::zero());
  chord.jitter = protocol.jitter;
  chord.lookup = protocol.lookup;
  chord.proximity = protocol.proximity;
  chord.eager = protocol.eager;
  chord.rto = {protocol.rto.initial, protocol.rto.min, protocol.rto.max, protocol.rto.tries};
  chord.lookup_timeout = protocol.lookup_timeout;
  chord.lookup_tries = 1 + protocol.lookup_retries;
  chord.hops_max = protocol.hops_max;
  chord.confirm = protocol.confirm;
  chord.owner_from_list = protocol.owner_from_list;
  chord.look_ahead_only = protocol.look_ahead_only;
  chord.finger_bound = protocol.finger_bound;
  chord.evict_on_timeout = protocol.evict_on_timeout;
  chord.fence = protocol.fence;
  chord.probe = protocol.merge_probe.value_or(Duration::zero());
  if (protocol.rules == Rules::chord2001) chord.flaws = Flaws::chord_2001();
  for (const Flaw flaw : protocol.flaws) chord.flaws.add(flaw);
  return swarm;
}

}  // namespace cicada::sim
