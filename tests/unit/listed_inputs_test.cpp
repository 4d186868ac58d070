// What a scenario lists in files is read as it stands, and every mistake is told with its place.

#include <chrono>
#include <stdexcept>
#include <string>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include <cicada/sim/scenario_loader.hpp>
#include <cicada/sim/simulation.hpp>

#include "scratch_file.hpp"
#include "world/listed_inputs.hpp"

using namespace cicada;
using namespace cicada::sim;
using namespace std::chrono_literals;
using test::ScratchFile;

namespace {

std::string complaint(const auto& read) {
  try {
    read();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

std::string id_text(char digit) { return std::string(64, digit); }

Scenario scenario_of(std::uint64_t peers, Duration duration = 100s) {
  Scenario scenario;
  scenario.peers.count = peers;
  scenario.duration = duration;
  return scenario;
}

std::vector<Id> ids_of(std::string_view text, std::uint64_t peers) {
  TableReader reader("t", text);
  return read_ids(reader, peers);
}

ListedLookups lookups_of(std::string_view text, const Scenario& scenario, const TraceFile& trace = {}) {
  TableReader reader("t", text);
  return read_lookups(reader, trace, scenario);
}

ListedSessions sessions_of(std::string_view text, const Scenario& scenario, const TraceFile& trace = {}) {
  TableReader reader("t", text);
  return read_sessions(reader, trace, scenario);
}

/// `host:join-leave` for each session that is left.
std::string sessions_text(const ListedSessions& listed) {
  std::string text;
  for (const ListedSession& one : listed.sessions)
    text += fmt::format("{}:{}-{} ", one.host, one.join / 1s, one.leave ? std::to_string(*one.leave / 1s) : "");
  return text;
}

}  // namespace

TEST_CASE("ids are read in the order of their file") {
  for (const std::string& text : {fmt::format("# two peers\n{}  # the first\n\n{}\r\n", id_text('a'), id_text('0')),
                                  fmt::format("\xEF\xBB\xBFid\n{}\n{}\n", id_text('a'), id_text('0'))}) {
    const auto ids = ids_of(text, 2);
    REQUIRE(ids.size() == 2);
    CHECK(ids[0].to_hex() == id_text('a'));
    CHECK(ids[1].to_hex() == id_text('0'));
  }
}

TEST_CASE("wrong lists of ids are told with their place") {
  const std::string a = id_text('a') + "\n";
  CHECK(complaint([&] { static_cast<void>(ids_of(a + "  abc\n", 9)); }) ==
        "t:2:3: found \"abc\", expected 64 hexadecimal digits");
  CHECK(complaint([&] { static_cast<void>(ids_of("abc\n", 9)); }) ==
        "t:1:1: found \"abc\", expected 64 hexadecimal digits, or the header \"id\"");
  CHECK_THAT(complaint([&] { static_cast<void>(ids_of(a + a, 9)); }),
             Catch::EndsWith("expected another id than in line 1"));
  CHECK_THAT(complaint([&] { static_cast<void>(ids_of(a + a, 1)); }), Catch::EndsWith("at most peers.count = 1 ids"));
  CHECK(complaint([&] { static_cast<void>(ids_of("# none\n", 1)); }) == "t:2:1: found no id, expected one id a line");
}

TEST_CASE("lookups are read in the order of their file, and mistakes told") {
  const std::string text = fmt::format("1.5,3,{}\n0, 0 ,{}\n", id_text('b'), id_text('1'));
  for (const std::string& header : {std::string(), std::string("At_s,peer,KEY\n")}) {
    const auto listed = lookups_of(header + text, scenario_of(4));
    REQUIRE(listed.lookups.size() == 2);
    CHECK(listed.lookups[0].at == 1500ms);
    CHECK(listed.lookups[0].host == 3);
    CHECK(listed.lookups[0].key.to_hex() == id_text('b'));
    CHECK(listed.times.has_header == !header.empty());
  }
  CHECK_THAT(complaint([&] { static_cast<void>(lookups_of(text, scenario_of(3))); }),
             Catch::StartsWith("t:1:5: found \"3\", expected a peer below peers.count, from 0 to 2"));
  for (const char* at : {"nan", "inf", "-1", "1e300", "", "1s"}) {
    INFO(at);
    CHECK_THAT(complaint([&] {
                 static_cast<void>(lookups_of(fmt::format("1,1,{0}\n{1},1,{0}\n", id_text('b'), at), scenario_of(3)));
               }),
               Catch::StartsWith("t:2:1: found") && Catch::Contains("expected a time"));
  }
  CHECK(complaint([&] { static_cast<void>(lookups_of("1,2\n", scenario_of(3))); }) ==
        "t:1:4: found the end of the line after 2 entries, expected at_s,peer,key");
  CHECK_THAT(complaint([&] { static_cast<void>(lookups_of("", scenario_of(3))); }), Catch::Contains("found no lookup"));
}

TEST_CASE("what a lookup trace lists beside the run is counted, and a trace of nothing else refused") {
  const std::string text = fmt::format("990,1,{0}\n1000,1,{0}\n1099,1,{0}\n1100,1,{0}\n", id_text('b'));
  const TraceFile trace{.file = {}, .unit = TimeUnit::s, .origin = 1000s};
  const auto listed = lookups_of(text, scenario_of(3), trace);
  CHECK(listed.lookups.size() == 2);
  CHECK((listed.times.count == 4 && listed.times.before == 1 && listed.times.beyond == 1));
  CHECK((listed.times.first == -10s && listed.times.last == 100s));
  CHECK(
      complaint([&] { static_cast<void>(lookups_of(text, scenario_of(3))); }) ==
      "t:1:1: found times from 990 s to 1100 s only, expected a lookup within the duration of 100s (the key 'unit' is "
      "s; 'origin' is the time at which the run starts, here perhaps 990 s)");
  CHECK(lookups_of(text, scenario_of(3), {.file = {}, .unit = TimeUnit::ms, .origin = {}}).lookups.size() == 4);
}

TEST_CASE("sessions are read in any order of time, with a header or without") {
  const std::string text = "1,50,\n0,10,60.5 # comment\n\n2,0,20\n";
  CHECK(sessions_text(sessions_of(text, scenario_of(3))) == "2:0-20 0:10-60 1:50- ");
  CHECK_FALSE(sessions_of(text, scenario_of(3)).times.has_header);
  const auto listed = sessions_of(
      "\xEF\xBB\xBF"
      "peer,join_s,leave_s\r\n1,50,\r\n",
      scenario_of(3));
  CHECK(sessions_text(listed) == "1:50- ");
  CHECK(listed.times.has_header);
  CHECK(sessions_text(sessions_of("0;5000;\n", scenario_of(1), {.file = {}, .unit = TimeUnit::ms, .origin = {}})) ==
        "0:5- ");
}

TEST_CASE("a peer's sessions touch or are apart") {
  CHECK(sessions_text(sessions_of("0,30,40\n0,10,20\n0,20,30\n0,50,60\n", scenario_of(1))) == "0:10-40 0:50-60 ");
  for (const char* first : {"0,10,\n", "0,10,21\n", "0,20,21\n"}) {
    CHECK(complaint([&] { static_cast<void>(sessions_of(std::string(first) + "0,20,30\n", scenario_of(1))); }) ==
          "t:2:1: found \"0\", expected a session that doesn't overlap with that in line 1");
  }
}

TEST_CASE("mistakes in sessions are told with their place") {
  const std::string good = "0,1,2\n";
  for (const auto& [line, expected] : {
           std::pair{"x,1,2", "t:2:1: found \"x\", expected a peer below peers.count, from 0 to 2"},
           {"3,1,2", "t:2:1: found \"3\", expected a peer below peers.count, from 0 to 2"},
           {"-1,1,2", "t:2:1: found \"-1\", expected a peer below peers.count, from 0 to 2"},
           {"1,nan,2", "t:2:3: found \"nan\", expected a time from 0 to 3153600000 s"},
           {"1,1,nan", "t:2:5: found \"nan\", expected a time, or nothing for a peer that stays, from 0"},
           {"1,inf,", "t:2:3: found \"inf\", expected a time from 0 to"},
           {"1,-1,5", "t:2:3: found \"-1\", expected a time from 0 to"},
           {"1,1e99,", "t:2:3: found \"1e99\", expected a time from 0 to"},
           {"1,2,2", "t:2:5: found \"2\", expected a time after that of joining"},
           {"1,2,1", "t:2:5: found \"1\", expected a time after that of joining"},
           {"1,2", "t:2:4: found the end of the line after 2 entries, expected peer,join_s,leave_s"},
           {"1,2,3,4", "t:2:7: found entry 4, expected peer,join_s,leave_s"},
           {"1,1s,", "t:2:3: found \"1s\", expected a time in s"},
       }) {
    INFO(line);
    CHECK_THAT(complaint([&] { static_cast<void>(sessions_of(good + line + "\n", scenario_of(3))); }),
               Catch::StartsWith(expected));
  }
  CHECK_THAT(complaint([&] { static_cast<void>(sessions_of("node,start,end\n" + good, scenario_of(3))); }),
             Catch::EndsWith(", or the header \"peer,join_s,leave_s\""));
  CHECK_THAT(complaint([&] { static_cast<void>(sessions_of("peer,join_ms,leave_ms\n" + good, scenario_of(3))); }),
             Catch::EndsWith("expected times in s, as the key 'unit' says"));
}

TEST_CASE("a session trace that changes nothing in the run is refused") {
  for (const char* text : {"", "# none\n", "peer,join_s,leave_s\n"})
    CHECK_THAT(complaint([&] { static_cast<void>(sessions_of(text, scenario_of(3))); }),
               Catch::EndsWith("found no session, expected lines \"peer,join_s,leave_s\""));
  for (const char* text : {"0,1600000000,1600003600\n1,1600000100,\n", "0,0,\n", "0,0,100\n", "0,100,200\n"}) {
    INFO(text);
    CHECK_THAT(complaint([&] { static_cast<void>(sessions_of(text, scenario_of(3))); }),
               Catch::Contains("expected a peer that comes or goes within the duration of 100s"));
  }
  const auto listed =
      sessions_of("0,1600000000,1600000050\n1,1599999000,1599999999\n2,1599999990,1600000001\n1,1600000100,\n",
                  scenario_of(3), {.file = {}, .unit = TimeUnit::s, .origin = 1600000000s});
  CHECK(sessions_text(listed) == "0:0-50 2:0-1 ");
  CHECK((listed.times.count == 4 && listed.times.before == 1 && listed.times.beyond == 1));
  CHECK((listed.hosts == 3 && listed.early == 1));
}

TEST_CASE("a simulation gives listed peers their ids and makes the listed lookups") {
  const ScratchFile ids(id_text('4') + "\n" + id_text('c') + "\n");
  const ScratchFile trace(fmt::format("1,0,{}\n2,1,{}\n3,5,{}\n", id_text('c'), id_text('4'), id_text('c')));
  Scenario scenario;
  scenario.name = "listed";
  scenario.duration = 10s;
  scenario.peers.count = 20;
  scenario.peers.ids = ids.path();
  Lookups lookups;
  lookups.trace.file = trace.path();
  scenario.workloads.emplace_back(lookups);
  std::vector<LookupResult> results;
  static_cast<void>(run(scenario, {.on_lookup = [&](const LookupResult& result) { results.push_back(result); }}));
  REQUIRE(results.size() == 3);
  CHECK((results[0].peer == 0 && results[0].owner == 1 && results[0].found));
  CHECK((results[1].peer == 1 && results[1].owner == 0 && results[1].started == 2s));
  CHECK((results[2].peer == 5 && results[2].owner == 1 && results[2].latency > 0s));
}

TEST_CASE("keys that mean nothing beside a trace are refused, and units and origins read") {
  const ScratchFile file("1,2,3\n");
  const auto load = [&](const std::string& item) {
    return parse_scenario("name: a\nduration: 1h\npeers: {count: 100}\nworkloads:\n  - " + item + "\n",
                          (file.path().parent_path() / "a.yaml").string());
  };
  const auto churn = load("churn: {session: {trace: data.txt, unit: ms, origin: 5s}, depart: leave}");
  REQUIRE(churn.has_value());
  CHECK(std::get<SessionTrace>(std::get<Churn>(churn->workloads[0]).sessions) ==
        SessionTrace{{file.path(), TimeUnit::ms, 5s}});
  const auto lookups = load("lookups: {trace: data.txt, unit: us}");
  REQUIRE(lookups.has_value());
  CHECK(std::get<Lookups>(lookups->workloads[0]).trace == TraceFile{file.path(), TimeUnit::us, 0s});
  for (const char* key : {"start: 1s", "stop: 1min", "replace: never", "lasting_ratio: 10%"}) {
    INFO(key);
    CHECK_FALSE(load(fmt::format("churn: {{session: {{trace: data.txt}}, {}}}", key)).has_value());
  }
  for (const char* key : {"start: 1s", "stop: 1min", "keys: peers", "rate: 1/s"}) {
    INFO(key);
    CHECK_FALSE(load(fmt::format("lookups: {{trace: data.txt, {}}}", key)).has_value());
  }
  CHECK_FALSE(load("lookups: {rate: 1/s, unit: ms}").has_value());
}
