#include <cicada/sim/run_result.hpp>

#include <numeric>

namespace cicada::sim {

std::size_t Series::column(std::string_view name) const {
  std::size_t position = 0;
  while (position < columns.size() && columns[position] != name) ++position;
  return position;
}

std::uint64_t Histogram::total() const { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

const std::vector<SummaryKey>& summary_reference() {
  static const std::vector<SummaryKey> keys = {
      {"scenario", "text", "Name of the scenario"},
      {"seed", "count", "Seed of every random stream of the run"},
      {"digest", "text", "Hash over every event in order; equal for equal scenario, seed and version"},
      {"interrupted", "bool", "True where the run ended before its scenario did; the figures cover what was simulated"},
      {"simulated_s", "s", "Simulated time that passed"},
      {"events", "count", "Events that the engine executed"},
      {"messages", "count", "Messages that peers sent"},
      {"wall_s", "s", "Wall-clock time of the simulation"},
      {"cpu_s", "s", "Processor time of the simulation"},
      {"events_per_cpu_s", "1/s", "`events` / `cpu_s`"},
      {"peak_rss_bytes", "B", "Largest resident memory of the process"},
      {"bytes_per_peer", "B", "Memory that the simulation added, divided by the largest number of peers"},
      {"peers.start", "count", "Live peers when the scenario begins"},
      {"peers.end", "count", "Live peers when it ends"},
      {"peers.joined", "count", "Peers that joined during the run"},
      {"peers.left", "count", "Peers that left and said so"},
      {"peers.crashed", "count", "Peers that vanished without a word"},
      {"lookups.count", "count", "Lookups that ended: `correct` + `wrong` + `failed`"},
      {"lookups.correct", "count",
       "Answered with the peer that owned the key at some instant between question and answer"},
      {"lookups.wrong", "count", "Answered with a peer that owned the key at no instant in between"},
      {"lookups.failed", "count", "Given up without an answer"},
      {"lookups.dead_owner", "count", "Of the wrong ones, answered with a peer that was dead"},
      {"lookups.path.mean", "hops", "Mean path length of answered lookups"},
      {"lookups.path.variance", "hops²", "Its variance"},
      {"lookups.path.p1", "hops", "1st percentile of the path length"},
      {"lookups.path.p50", "hops", "Median path length"},
      {"lookups.path.p99", "hops", "99th percentile of the path length"},
      {"lookups.timeouts_mean", "count", "Mean number of time-outs that a lookup met"},
      {"lookups.not_first_owner", "count",
       "Given up, or not answered with the key's owner at the start; with a crash fault only"},
      {"lookups.latency_ms.mean", "ms", "Mean time from the question to the answer"},
      {"lookups.timeouts_p99", "count", "99th percentile of it, over answered lookups"},
      {"lookups.latency_ms.p50", "ms", "Median time from the question to the answer"},
      {"lookups.latency_ms.p90", "ms", "90th percentile of it"},
      {"lookups.latency_ms.p99", "ms", "99th percentile of it"},
      {"lookups.stretch.p10", "ratio",
       "10th percentile of latency / round trip to the owner at rest, where that is another peer"},
      {"lookups.stretch.p50", "ratio", "Median of it"},
      {"lookups.stretch.p90", "ratio", "90th percentile of it"},
      {"keys.count", "count", "Random keys counted at the end; with measure.keys only, as the next ones"},
      {"keys.per_peer_mean", "count", "Of these, owned by a member in the mean"},
      {"keys.p1_ratio", "ratio", "1st percentile of keys owned, over their mean"},
      {"keys.p99_ratio", "ratio", "99th percentile of keys owned, over their mean"},
      {"keys.max_ratio", "ratio", "Most keys owned by one member, over their mean"},
      {"sends.count", "count", "Messages that applications handed to `send`"},
      {"sends.delivered", "count", "Of these, acknowledged by their target"},
      {"sends.duplicates_seen", "count", "Copies that reached a target which had the message already"},
      {"sends.transmissions_mean", "count", "Mean number of transmissions per send, over all hops and copies"},
      {"sends.latency_ms.p50", "ms", "Median time from `send` to its acknowledgement"},
      {"sends.latency_ms.p90", "ms", "90th percentile of it"},
      {"sends.latency_ms.p99", "ms", "99th percentile of it"},
      {"sends.delivered_ratio", "ratio", "`delivered` / `count`"},
      {"sends.delivered_low", "ratio", "Lower end of its 95 % interval (Wilson)"},
      {"sends.delivered_high", "ratio", "Upper end of it"},
      {"sends.arrived", "count", "Messages that reached their target, whether the source learned of it or not"},
      {"sends.arrival_ms.p50", "ms", "Median time from `send` to the arrival of the first copy at the target"},
      {"sends.arrival_ms.p99", "ms", "99th percentile of it"},
      {"sends.tampered_received", "count", "Messages handed up with other bytes than were sent"},
      {"sends.data_transmissions_mean", "count", "Mean number of times that anybody put the message on a link"},
      {"sends.control_per_send", "count", "Acknowledgements, reports and receipts of hops on links, per send"},
      {"sends.data_bytes_per_send", "B", "Bytes of the transmissions of messages, per send"},
      {"sends.control_bytes_per_send", "B", "Bytes of acknowledgements, reports and receipts, per send"},
      {"resilience.hostile_peers", "count", "Hostile members at the end; with adversaries only, as the next ones"},
      {"resilience.hostile_ratio", "ratio", "Their share of the members"},
      {"resilience.ceiling.sampled", "count", "Sends for which a clean path was looked for at their beginning"},
      {"resilience.ceiling.directed", "ratio",
       "Of these, a path through live honest peers existed by their own tables"},
      {"resilience.ceiling.both_ways", "ratio", "The same with links used in both directions"},
      {"resilience.ceiling.both_ways_low", "ratio", "Lower end of its 95 % interval (Wilson)"},
      {"resilience.ceiling.both_ways_high", "ratio", "Upper end of it"},
      {"resilience.disjoint_paths.sampled", "count", "Sends for which clean vertex-disjoint paths were counted"},
      {"resilience.disjoint_paths.mean", "count", "Mean number of these paths, links as the tables name them"},
      {"resilience.disjoint_paths.both_ways_mean", "count", "The same with links used in both directions"},
      {"resilience.delivered_of_ceiling", "ratio",
       "Of the sampled sends with a clean path (both ways), acknowledged by their target"},
      {"resilience.predicted_plain", "ratio",
       "Closed form for one greedy copy without successor lists, every peer hostile with the same chance"},
      {"resilience.predicted_copies", "ratio", "The same for `duplicates` + 1 copies that share no peer"},
      {"resilience.predicted_cut", "ratio", "Chance that not all peers which name the target are hostile"},
      {"resilience.blames", "count", "Times that an honest peer held a vanished message against a neighbour"},
      {"resilience.false_blames", "count", "Of these, the neighbour was honest"},
      {"resilience.false_blame_ratio", "ratio", "Their share"},
      {"resilience.inserted_ids", "count",
       "Peers that adversaries added to the swarm, at ids of their choice or by trying"},
      {"resilience.hostile_sends", "count", "Messages that hostile peers sent as sources"},
      {"resilience.amplification", "ratio",
       "Transmissions of messages of hostile sources by honest peers, for each one by hostile peers"},
      {"resilience.hostile_data_transmissions", "count",
       "Times that anybody put a message of a hostile source on a link"},
      {"broadcasts.count", "count", "Broadcasts begun; with broadcasts only, as the next ones"},
      {"broadcasts.refused", "count", "Of these, refused by their origin's own node, because it had begun too many"},
      {"broadcasts.coverage.mean", "ratio",
       "Share of the members at a broadcast's beginning, its origin aside, that were handed it up, of those that were "
       "still alive a minute later; mean over the broadcasts that were not refused"},
      {"broadcasts.coverage.min", "ratio", "The least of them"},
      {"broadcasts.copies_handed_up_max", "count", "Most times that one peer was handed the same broadcast"},
      {"broadcasts.newcomers", "count", "Times that a peer was handed a broadcast from before it was a member"},
      {"broadcasts.payloads_per_peer", "count", "Payloads sent per broadcast and member at its beginning"},
      {"broadcasts.digest_bytes_per_peer", "B", "Bytes of digests and demands, likewise"},
      {"broadcasts.digest_bytes_ratio", "ratio", "The same over the bytes of the messages with payloads"},
      {"broadcasts.latency_ms.p50", "ms", "Median time from the beginning to the members of then"},
      {"broadcasts.latency_ms.p99", "ms", "99th percentile of it"},
      {"broadcasts.latency_ms.last", "ms", "The longest of all"},
      {"ring.ideal", "bool", "At the end every successor pointer was the right one"},
      {"ring.violations", "count", "Times that a ring property which must always hold did not"},
      {"ring.wrong_successors_ratio", "ratio",
       "Share of first successors that were not the next live peer, at the end"},
      {"ring.dead_successors_ratio", "ratio", "Share of successor list entries that were dead, at the end"},
      {"ring.dead_fingers_ratio", "ratio", "Share of distinct fingers that were dead, at the end"},
      {"explore.worlds", "count", "Small worlds that were explored"},
      {"explore.broken", "count", "Worlds in which a ring property was violated at some time"},
      {"explore.ring_lost", "count", "Of these, worlds without exactly one ordered ring that all members lead to"},
      {"explore.not_ideal", "count", "Worlds whose ring was not ideal in time after the last happening"},
      {"explore.first_broken_seed", "count", "Seed of the first broken world; null where there is none"},
      {"explore.first_ring_lost_seed", "count", "The same, of the first world that lost its ring"},
      {"explore.first_not_ideal_seed", "count", "The same, of the first world that was not ideal in time"},
      {"explore.rounds_max", "count", "Most rounds of stabilisation that a world took to become ideal"},
      {"explore.worlds_per_cpu_s", "1/s", "Worlds per processor second"},
      {"explore.by_property.full_length_list", "count", "Worlds in which a list was too short"},
      {"explore.by_property.ordered_list", "count", "Worlds in which a list was out of order"},
      {"explore.by_property.no_duplicates", "count", "Worlds in which a list named an id twice"},
      {"explore.by_property.own_id_not_listed", "count", "Worlds in which a list named its owner"},
      {"explore.by_property.predecessor_present", "count", "Worlds in which a member had no predecessor"},
      {"explore.by_property.one_live_successor", "count", "Worlds in which a member had no live successor"},
      {"explore.by_property.sufficient_principals", "count", "Worlds with fewer than r + 1 principals"},
      {"explore.by_property.at_least_one_ring", "count", "Worlds without a ring"},
      {"explore.by_property.at_most_one_ring", "count", "Worlds with two rings"},
      {"explore.by_property.ordered_ring", "count", "Worlds with a ring that does not go around once"},
      {"explore.by_property.connected_appendages", "count", "Worlds with a member that leads to no ring"},
      {"explore.by_property.predecessor_regressed", "count",
       "Worlds in which a live predecessor gave way to a farther"},
      {"explore.by_property.answered_while_busy", "count", "Worlds in which a state in the making was told"},
      {"ring.samples", "count",
       "Samples that the ratios above are means of: one each `measure.sample` after the warm-up"},
      {"ring.wrong_successors_deviation", "ratio", "Standard deviation between these samples"},
      {"ring.dead_successors_deviation", "ratio", "Standard deviation between these samples"},
      {"ring.dead_fingers_deviation", "ratio", "Standard deviation between these samples"},
      {"traffic.bytes_per_peer_s", "B/s", "Bytes sent per live peer and simulated second"},
      {"traffic.messages_per_peer_s", "1/s", "Messages sent per live peer and simulated second"},
      {"expect[].text", "text", "An expectation, as the scenario states it"},
      {"expect[].measured", "any", "The figure that was measured for it"},
      {"expect[].ok", "bool", "Whether it holds"},
  };
  return keys;
}

std::string summary_reference_markdown() {
  std::string table = "| key | unit | meaning |\n|---|---|---|\n";
  for (const SummaryKey& row : summary_reference()) {
    table.append("| `")
        .append(row.key)
        .append("` | ")
        .append(row.unit)
        .append(" | ")
        .append(row.meaning)
        .append(" |\n");
  }
  return table;
}

}  // namespace cicada::sim
