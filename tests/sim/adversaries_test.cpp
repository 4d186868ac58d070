// Hostile peers are chosen as the scenario says, and what they do shows in what is counted: nothing else changes.

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "adversaries/adversaries.hpp"
#include "instrumented.hpp"
#include "sim/attacked_worlds.hpp"
#include "world/processes.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace cicada::sim::test;

TEST_CASE("what one entry holds back, the next ones of the same peer see when it is let go") {
  DelayAttack delay{share(0.3)};
  delay.kind = DelayAttack::Kind::by;
  delay.by = {.kind = Distribution::Kind::fixed, .value = 1s};
  const auto held = run(busy({delay})).summary;
  const auto dropped = run(busy({DropAttack{share(0.3)}})).summary;
  const auto both = run(busy({delay, DropAttack{{.ratio = 0.3, .overlay = true}}})).summary;
  CHECK(held["sends"]["delivered_ratio"] == 1.0);
  CHECK(both["sends"]["delivered_ratio"].get<double>() ==
        Approx(dropped["sends"]["delivered_ratio"].get<double>()).margin(0.03));
}

TEST_CASE("without adversaries the digest is that of before, whatever is measured") {
  Scenario scenario = busy({});
  const std::string digest = digest_of(scenario);
  scenario.measure.ceiling = 1;
  scenario.measure.disjoint_paths = 3;
  CHECK(digest_of(scenario) == digest);
  scenario.adversaries = {DropAttack{share(0)}};
  const auto summary = run(scenario).summary;
  CHECK(summary["digest"] == digest);
  CHECK(summary["resilience"]["hostile_peers"] == 0);
  CHECK(summary["resilience"]["predicted_plain"] == Approx(1));
}

TEST_CASE("equal seeds give equal digests under attack, whatever the wire") {
  Scenario scenario = busy({GrayDropAttack{share(0.2)}, DelayAttack{share(0.1)}});
  scenario.workloads.emplace_back(exponential_churn(2min, Depart::mixed, 3min));
  const std::string digest = digest_of(scenario);
  CHECK(digest_of(scenario) == digest);
  scenario.protocol.wire = Wire::encoded;
  CHECK(digest_of(scenario) == digest);
}

TEST_CASE("droppers of data stop messages and leave lookups and the ring alone") {
  Scenario scenario = busy({DropAttack{share(0.3)}});
  scenario.workloads.emplace_back(lookups(0.05));
  const auto summary = run(scenario).summary;
  CHECK(summary["resilience"]["hostile_peers"] == 36);
  CHECK(summary["sends"]["delivered_ratio"].get<double>() < 0.9);
  CHECK(summary["sends"]["delivered_ratio"].get<double>() > 0.2);
  CHECK(summary["resilience"]["ceiling"]["both_ways"].get<double>() > 0.999);
  CHECK(summary["lookups"]["failed"] == 0);
  CHECK(summary["lookups"]["wrong"] == 0);
  CHECK(summary["ring"]["violations"] == 0);
}

TEST_CASE("droppers of control stop lookups and leave messages alone") {
  Scenario scenario = busy({DropAttack{share(0.3), Scope::control}});
  scenario.workloads.emplace_back(lookups(0.05));
  const auto summary = run(scenario).summary;
  CHECK(summary["sends"]["delivered_ratio"].get<double>() > 0.99);
  CHECK(summary["lookups"]["failed"].get<int>() > 20);
  CHECK(summary["ring"]["violations"] == 0);
}

TEST_CASE("they begin at their start and end at their stop") {
  Scenario scenario = busy({DropAttack{{.ratio = 1, .start = 2min}}});
  scenario.workloads = {plain_sends(5)};
  std::get<Sends>(scenario.workloads[0]).stop = 110s;
  std::get<Sends>(scenario.workloads[0]).from = Sends::From::any;
  std::get<Sends>(scenario.workloads[0]).to = Sends::To::any;
  // All are hostile, so that nothing of theirs is counted as a result; what they transmit is.
  CHECK(run(scenario).summary["resilience"]["hostile_data_transmissions"].get<int>() > 500);
  scenario.adversaries = {DropAttack{{.ratio = 0.4, .stop = 30s}}};
  scenario.measure.warmup = 40s;
  CHECK(run(scenario).summary["sends"]["delivered_ratio"] == 1.0);
}

TEST_CASE("repair gets around droppers that stop plain copies") {
  Scenario scenario = busy({DropAttack{share(0.3)}});
  const double plain = run(scenario).summary["sends"]["delivered_ratio"];
  Sends repaired = sends(5, 3);
  repaired.strategy = Strategy::repair;
  scenario.workloads = {repaired};
  const auto summary = run(scenario).summary;
  CHECK(plain < 0.9);
  CHECK(summary["sends"]["delivered_ratio"].get<double>() > 0.99);
  CHECK(summary["marks"]["data_repaired"].get<int>() > 100);
  CHECK(summary["ring"]["violations"] == 0);
}

TEST_CASE("gray droppers pass some on") {
  const double all = run(busy({DropAttack{share(0.4)}})).summary["sends"]["delivered_ratio"];
  const double half = run(busy({GrayDropAttack{share(0.4), Scope::data, 0.3}})).summary["sends"]["delivered_ratio"];
  const double none = run(busy({GrayDropAttack{share(0.4), Scope::data, 0}})).summary["sends"]["delivered_ratio"];
  CHECK(all < half);
  CHECK(half < none);
  CHECK(none == 1.0);
}

TEST_CASE("delays cost time and nothing else") {
  const auto summary = [](std::vector<Adversary> adversaries) { return run(busy(std::move(adversaries))).summary; };
  DelayAttack delay{share(0.3)};
  delay.kind = DelayAttack::Kind::by;
  delay.by = {.kind = Distribution::Kind::fixed, .value = 1s};
  const auto good = summary({});
  const auto late = summary({delay});
  CHECK(late["sends"]["delivered_ratio"] == 1.0);
  CHECK(late["sends"]["arrival_ms"]["p99"].get<double>() > good["sends"]["arrival_ms"]["p99"].get<double>() + 900);
  const auto held = summary({DelayAttack{share(0.3)}});
  CHECK(held["sends"]["arrival_ms"]["p99"].get<double>() > 2900);
}

TEST_CASE("who takes the place of another is hostile with the same probability") {
  Scenario scenario = busy({DropAttack{share(0.25)}}, 8);
  scenario.peers.count = 400;
  scenario.duration = 6min;
  scenario.protocol.rto.tries = 2;  // Who waits longer for the dead does not keep up with sessions of a minute.
  scenario.workloads = {exponential_churn(1min, Depart::crash, 6min)};
  const auto summary = run(scenario).summary;
  CHECK(summary["peers"]["joined"].get<int>() > 1000);
  CHECK(summary["resilience"]["hostile_ratio"].get<double>() == Approx(0.25).margin(0.08));
}

TEST_CASE("honest peers send to honest peers, and to targets where that is said") {
  struct Watch final : Observer {
    std::set<PeerIndex> targets;
    std::size_t sends = 0;
    bool hostile = false;
    void on_send_begun(World& world, PeerIndex peer, const MessageId&, const Id& target, const Payload&) override {
      const PeerIndex to = *world.peer_named(target);
      targets.insert(to);
      hostile = hostile || world.slot(peer).hostile || world.slot(to).hostile;
      ++sends;
    }
  } watch;
  Scenario scenario = busy({DropAttack{{.select = Select::near, .targets = 3, .neighbours = 8}}});
  std::get<Sends>(scenario.workloads[0]).to = Sends::To::targets;
  World world(scenario, watch);
  add_population(world);
  add_workloads(world);
  world.run_until(TimePoint(3min));
  CHECK(watch.sends > 500);
  CHECK_FALSE(watch.hostile);
  CHECK(watch.targets.size() == 3);
}

Json summary_of(Adversary adversary, std::vector<Workload> further = {}) {
  Scenario scenario = busy({std::move(adversary)});
  for (const Workload& workload : further) scenario.workloads.push_back(workload);
  return run(scenario).summary;
}

TEST_CASE("tampered messages are never handed up, and cost what dropped ones do") {
  for (const auto what : {TamperAttack::What::payload, TamperAttack::What::signature, TamperAttack::What::target}) {
    Scenario scenario = busy({TamperAttack{.who = share(0.3), .what = what}});
    std::get<Sends>(scenario.workloads[0]).strategy = Strategy::cicada;
    const auto summary = run(scenario).summary;
    CHECK(at(summary, "sends", "delivered_ratio") < 0.95);
    CHECK(summary["sends"]["tampered_received"] == 0);
    CHECK(summary["marks"]["data_refused"].get<int>() > 50);
    CHECK(summary["ring"]["violations"] == 0);
  }
}

TEST_CASE("a tampered acknowledgement is refused") {
  const auto summary = summary_of(TamperAttack{.who = share(0.3), .scope = Scope::acks});
  CHECK(summary["marks"]["ack_refused"].get<int>() > 50);
  CHECK(summary["sends"]["acknowledged_but_lost"] == 0);
}

TEST_CASE("forged acknowledgements are not believed, under either key") {
  for (const auto key : {AckForgeAttack::Key::own, AckForgeAttack::Key::target}) {
    const auto summary = summary_of(AckForgeAttack{.who = share(0.3), .key = key});
    CHECK(summary["marks"]["ack_refused"].get<int>() > 50);
    CHECK(summary["sends"]["acknowledged_but_lost"] == 0);
  }
}

TEST_CASE("dropped acknowledgements leave messages delivered that seem lost") {
  Scenario scenario = busy({AckDropAttack{share(0.3)}});
  std::get<Sends>(scenario.workloads[0]).strategy = Strategy::cicada;
  const auto summary = run(scenario).summary;
  CHECK(at(summary, "sends", "delivered_ratio") < 0.95);
  CHECK(summary["sends"]["arrived"].get<int>() > summary["sends"]["delivered"].get<int>() + 20);
}

TEST_CASE("false reports are made, and stop what is not repaired") {
  for (const auto says : {BlameAttack::Says::exhausted, BlameAttack::Says::working, BlameAttack::Says::no_such_peer,
                          BlameAttack::Says::refused}) {
    Scenario scenario = busy({BlameAttack{.who = share(0.3), .says = says}});
    std::get<Sends>(scenario.workloads[0]).strategy = Strategy::cicada;
    const auto summary = run(scenario).summary;
    CHECK(at(summary, "sends", "delivered_ratio") < 0.95);
    CHECK(summary["ring"]["violations"] == 0);
  }
}

TEST_CASE("misrouted messages cost more links than dropped ones, and arrive less often than without") {
  const auto summary_with = [](Adversary adversary) {
    Scenario scenario = busy({std::move(adversary)});
    std::get<Sends>(scenario.workloads[0]).strategy = Strategy::cicada;
    return run(scenario).summary;
  };
  const auto dropped = summary_with(DropAttack{share(0.3)});
  for (const auto to : {MisrouteAttack::To::random, MisrouteAttack::To::backward, MisrouteAttack::To::colluder}) {
    if (cicada::test::instrumented && to != MisrouteAttack::To::random) continue;
    const auto summary = summary_with(MisrouteAttack{.who = share(0.3), .to = to});
    CHECK(at(summary, "sends", "data_transmissions_mean") + at(summary, "resilience", "attack_data_per_send") >
          at(dropped, "sends", "data_transmissions_mean"));
    CHECK(at(summary, "resilience", "attack_data_per_send") > 0.1);
    CHECK(at(dropped, "resilience", "attack_data_per_send") == 0);
    CHECK(at(summary, "sends", "delivered_ratio") < 0.97);
  }
}

TEST_CASE("false owners make lookups wrong and break no ring that nobody joins") {
  const auto closest = summary_of(FalseClosestAttack{share(0.2)}, {lookups(0.05)});
  CHECK(closest["lookups"]["wrong"].get<int>() > 50);
  const auto lie = summary_of(LookupLieAttack{share(0.2)}, {lookups(0.05)});
  CHECK(lie["lookups"]["wrong"].get<int>() > 50);
  CHECK(lie["ring"]["violations"] == 0);
}

TEST_CASE("poisoned tables name more hostile peers than there are") {
  const auto hostile_fingers = [](const Scenario& scenario) {
    Observer nobody;
    World world(scenario, nobody);
    add_population(world);
    add_workloads(world);
    world.run_until(TimePoint(scenario.duration));
    std::size_t hostile = 0, all = 0;
    for (const PeerIndex peer : world.members()) {
      if (world.slot(peer).hostile) continue;
      for (const Peer& finger : world.slot(peer).node.chord().fingers()) {
        if (!finger.exists()) continue;
        ++all;
        hostile += world.slot(finger.index).hostile;
      }
    }
    return static_cast<double>(hostile) / static_cast<double>(all);
  };
  const auto plain = [&](std::vector<Adversary> adversaries) {
    Scenario scenario = busy(std::move(adversaries));
    scenario.protocol.proximity = 0;  // With it, a wrong finger has to be a near one too.
    return hostile_fingers(scenario);
  };
  const double fair = plain({DropAttack{share(0.2)}});
  TablePoisonAttack poison{.who = share(0.2), .what = TablePoisonAttack::What::fingers};
  const double within = plain({poison});
  CHECK(within > fair + 0.05);
}

TEST_CASE("inserted ids are part of the ring, and cut a target off where they squat everywhere") {
  EclipseTargetAttack eclipse;
  eclipse.who.targets = 2;
  eclipse.who.neighbours = 8;
  eclipse.form = EclipseTargetAttack::Form::strong;
  Scenario scenario = busy({eclipse});
  std::get<Sends>(scenario.workloads[0]).to = Sends::To::targets;
  std::get<Sends>(scenario.workloads[0]).strategy = Strategy::cicada;
  const auto summary = run(scenario).summary;
  CHECK(summary["peers"]["start"] == 120 + 32);
  CHECK(summary["resilience"]["inserted_ids"] == 32);
  CHECK(summary["resilience"]["ceiling"]["directed"].get<double>() < 0.05);
  CHECK(at(summary, "sends", "delivered_ratio") < 0.05);
  CHECK(summary["ring"]["violations"] == 0);
  eclipse.form = EclipseTargetAttack::Form::weak;
  CHECK(summary_of(eclipse)["resilience"]["inserted_ids"] == 0);
}

TEST_CASE("contact cards that are kept in the ring open a way to a squatted target") {
  EclipseTargetAttack eclipse;
  eclipse.who.targets = 2;
  eclipse.who.neighbours = 8;
  eclipse.form = EclipseTargetAttack::Form::squat;
  eclipse.scope = Scope::all;
  eclipse.card_squatters = 2;
  Scenario scenario = busy({eclipse});
  auto& sending = std::get<Sends>(scenario.workloads[0]);
  sending.to = Sends::To::targets;
  sending.strategy = Strategy::adaptive;
  sending.duplicates = 7;
  const auto summary = run(scenario).summary;
  CHECK(at(summary, "sends", "delivered_ratio") > 0.99);
  CHECK(summary["marks"]["card_fetched"].get<int>() > 50);
  eclipse.card_squatters = 0;
  scenario.adversaries = {eclipse};
  const auto fewer = run(scenario).summary;
  CHECK(summary["resilience"]["inserted_ids"].get<int>() == fewer["resilience"]["inserted_ids"].get<int>() + 2 * 2 * 4);
}

TEST_CASE("what an id costs decides how many there are") {
  SybilAttack sybil{.who = {.count = 5}, .ids_per_host = 20};
  CHECK(affordable_ids(sybil) == 20);
  sybil.policy = SybilAttack::Policy::certified;
  CHECK(affordable_ids(sybil) == 1);
  sybil.policy = SybilAttack::Policy::address;
  sybil.addresses = 3;
  CHECK(affordable_ids(sybil) == 3);
  sybil.policy = SybilAttack::Policy::puzzle;  // 3.6e9 hashes in an hour, 2^29 = 5.4e8 for an id.
  sybil.bits = 29;
  CHECK(affordable_ids(sybil) == 6);
  const auto summary = summary_of(sybil);
  CHECK(summary["resilience"]["inserted_ids"] == 25);
  CHECK(summary["resilience"]["hostile_peers"] == 30);
  sybil.who.start = 1min;
  CHECK(summary_of(sybil)["resilience"]["hostile_peers"] == 30);
}

TEST_CASE("replayed messages are received once") {
  const auto summary = summary_of(ReplayAttack{.who = share(0.2), .scope = Scope::all, .every = 200ms});
  const auto good = run(busy({})).summary;
  CHECK(summary["sends"]["arrived"].get<int>() <= summary["sends"]["count"].get<int>());
  CHECK(at(summary, "resilience", "attack_data_per_send") > 0.5);
  CHECK(at(summary, "sends", "data_transmissions_mean") > at(good, "sends", "data_transmissions_mean") - 0.1);
  CHECK(at(summary, "sends", "delivered_ratio") > 0.99);
}

TEST_CASE("floods are the attackers' own messages, and count as such") {
  const auto flood = summary_of(FloodAttack{.who = share(0.1), .per_s = 2});
  CHECK(flood["resilience"]["hostile_sends"].get<int>() > 3000);
  CHECK(flood["sends"]["count"].get<int>() < 1200);
  const auto amplify = summary_of(AmplifyAttack{.who = share(0.1), .per_s = 0.2});
  CHECK(amplify["resilience"]["hostile_sends"].get<int>() > 200);
  CHECK(at(amplify, "resilience", "amplification") > 0);
}

TEST_CASE("the selective behave well at first, and to those they do not aim at") {
  Scenario scenario = busy({AdaptiveSelectiveAttack{.who = share(0.4), .warmup = 90s}});
  auto& sending = std::get<Sends>(scenario.workloads[0]);
  sending.strategy = Strategy::cicada;
  sending.stop = 85s;
  CHECK(at(run(scenario).summary, "sends", "delivered_ratio") == 1);
  sending.stop.reset();
  sending.start = 90s;
  CHECK(at(run(scenario).summary, "sends", "delivered_ratio") < 0.95);
  AdaptiveSelectiveAttack censor{.who = share(0.4), .warmup = 0s, .victims = Victims::targets};
  censor.who.targets = 2;
  scenario.adversaries = {censor};
  const double to_all = at(run(scenario).summary, "sends", "delivered_ratio");
  sending.to = Sends::To::targets;
  CHECK(at(run(scenario).summary, "sends", "delivered_ratio") < to_all - 0.1);
}

TEST_CASE("those who rejoin end up near their targets") {
  JoinLeaveAttack joining{.who = {.count = 10}, .arc_ratio = 0.3, .every = 10s};
  const auto summary = summary_of(joining);
  CHECK(summary["resilience"]["inserted_ids"].get<int>() >= 10);
  CHECK(summary["resilience"]["hostile_peers"].get<int>() >= 8);
  CHECK(summary["peers"]["crashed"] == summary["resilience"]["inserted_ids"]);
}

TEST_CASE("free riders report nothing, and leave the repairs to the peers before them") {
  const auto reports_and_copies = [](std::vector<Adversary> adversaries) {
    Scenario scenario = busy(std::move(adversaries));
    auto& sending = std::get<Sends>(scenario.workloads[0]);
    sending.strategy = Strategy::repair;
    sending.duplicates = 3;
    const auto summary = run(scenario).summary;
    return std::pair(at(summary, "sends", "control_per_send"), at(summary, "sends", "data_transmissions_mean"));
  };
  const auto [reports, copies] = reports_and_copies({DropAttack{share(0.3)}});
  const auto [fewer_reports, other_copies] =
      reports_and_copies({DropAttack{share(0.3)}, FreerideAttack{{.ratio = 0.9, .overlay = true}}});
  CHECK(fewer_reports / other_copies < reports / copies);
  CHECK(other_copies > copies);
}

TEST_CASE("misrouted acknowledgements are missed, and a changed lookup is answered wrongly or not at all") {
  const auto acks = summary_of(MisrouteAttack{.who = share(0.3), .scope = Scope::acks});
  CHECK(at(acks, "sends", "delivered_ratio") < 0.97);
  CHECK(acks["sends"]["arrived"].get<int>() > acks["sends"]["delivered"].get<int>() + 20);
  const auto changed = summary_of(TamperAttack{.who = share(0.3), .scope = Scope::control}, {lookups(0.05)});
  CHECK(changed["lookups"]["correct"].get<int>() < changed["lookups"]["count"].get<int>() - 20);
  CHECK(changed["ring"]["violations"] == 0);
}

TEST_CASE("gray droppers may have victims, to them or from them") {
  Scenario scenario = busy({});
  std::get<Sends>(scenario.workloads[0]).to = Sends::To::targets;
  const auto delivered = [&](Victims victims) {
    GrayDropAttack gray{.who = share(0.4), .prob = 1, .victims = victims};
    gray.who.targets = 2;
    scenario.adversaries = {gray};
    return at(run(scenario).summary, "sends", "delivered_ratio");
  };
  CHECK(delivered(Victims::targets) < 0.9);
  CHECK(delivered(Victims::sources) > 0.95);
}

TEST_CASE("hosts near a target run many peers each") {
  const auto summary = summary_of(SybilAttack{.who = {.select = Select::near, .neighbours = 3}, .ids_per_host = 4});
  CHECK(summary["resilience"]["inserted_ids"] == 6 * 3);
  CHECK(summary["resilience"]["hostile_peers"] == 6 * 4);
}

TEST_CASE("tables of honest members are judged at the end") {
  const auto fair = summary_of(DropAttack{share(0.2)});
  CHECK(at(fair, "resilience", "hostile_successors_ratio") == Approx(0.2).margin(0.03));
  CHECK(at(fair, "resilience", "hostile_fingers_ratio") == Approx(0.2).margin(0.1));
  const auto alone = summary_of(TablePoisonAttack{.who = share(0.2), .collude = false});
  CHECK(alone["resilience"]["acts"]["table_poison"].get<int>() > 0);
  CHECK(alone["ring"]["violations"] == 0);
}

}  // namespace
