// Measured matrices and router graphs are read in every documented form, and a file with a mistake in it is refused
// with its place, what was found there and what belongs there.

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include <cicada/sim/latency_model.hpp>

#include "scratch_file.hpp"

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using test::ScratchFile;

/// The different latencies of many pairs of peers.
std::set<Duration> latencies_of(const LatencyModel& model) {
  std::set<Duration> seen;
  for (PeerIndex a = 0; a < 60; ++a) {
    for (PeerIndex b = 0; b < 60; ++b) {
      if (a != b) seen.insert(model.base(a, b));
    }
  }
  return seen;
}

std::set<Duration> matrix_latencies(std::string_view text, MatrixLinks links = {}) {
  const ScratchFile file(text);
  links.file = file.path();
  const auto model = make_latency_model(links, 1);
  INFO((model ? std::string() : model.error()));
  REQUIRE(model.has_value());
  return latencies_of(**model);
}

template <class Links>
std::string error_of(std::string_view text, Links links = {}) {
  const ScratchFile file(text);
  links.file = file.path();
  const auto model = make_latency_model(links, 1);
  REQUIRE_FALSE(model.has_value());
  // The path changes with every run; what follows it does not.
  REQUIRE(model.error().starts_with(file.path().string() + ":"));
  return model.error().substr(file.path().string().size() + 1);
}

std::string matrix_error(std::string_view text, const MatrixLinks& links = {}) { return error_of(text, links); }
std::string graph_error(std::string_view text, const GraphLinks& links = {}) { return error_of(text, links); }

TEST_CASE("a matrix of numbers gives half of each round trip", "[latency_file]") {
  const std::set<Duration> expected{same_site_latency, 5ms, 10ms, 15500us};
  REQUIRE(matrix_latencies("0\t10\t20\n10\t0\t31\n20\t31\t0\n") == expected);
  REQUIRE(matrix_latencies("# ms\n0  10 20 \r\n\r\n 10 0 31\r\n20 31 0") == expected);
  REQUIRE(matrix_latencies("0 5 10\n5 0 15.5\n10 15.5 0\n", {.file = {}, .rtt = false}) == expected);
}

TEST_CASE("a CSV matrix has names, and may end its lines with a comma", "[latency_file]") {
  const std::set<Duration> expected{same_site_latency, 5ms, 10ms, 15500us};
  REQUIRE(matrix_latencies(",Rome,Oslo,Lima,\nRome,0.0,10,20,\nOslo,10,0.0,31,\nLima,20,31,0.0,\n") == expected);
  REQUIRE(matrix_latencies("city, Rome, Oslo, Lima\nRome, 0, 10, 20\nOslo, 10, 0, 31\nLima, 20, 31, 0\n") == expected);
}

TEST_CASE("data that differ by direction stay different", "[latency_file]") {
  const ScratchFile file("0 10\n30 0\n");
  const auto model = make_latency_model(MatrixLinks{.file = file.path()}, 1);
  REQUIRE(model.has_value());
  REQUIRE(latencies_of(**model) == std::set<Duration>{same_site_latency, 5ms, 15ms});
  for (PeerIndex b = 1; b < 20; ++b) {
    const Duration round_trip = (*model)->base(0, b) + (*model)->base(b, 0);
    REQUIRE((round_trip == 20ms || round_trip == 2 * same_site_latency));
  }
}

TEST_CASE("names may stand in the first row, the first column, both or neither, and no host is lost",
          "[latency_file]") {
  const std::set<Duration> expected{same_site_latency, 5ms, 10ms, 15500us};
  for (const char* text : {
           "0,10,20\n10,0,31\n20,31,0\n",                                 // CSV without names
           "Rome,Oslo,Lima\n0,10,20\n10,0,31\n20,31,0\n",                 // the first row
           "Rome,0,10,20\nOslo,10,0,31\nLima,20,31,0\n",                  // the first column
           "Rome Oslo Lima\nRome 0 10 20\nOslo 10 0 31\nLima 20 31 0\n",  // both, the corner left out
           "\tRome\tNew York\tLima\nRome\t0\t10\t20\nNew York\t10\t0\t31\nLima\t20\t31\t0\n",
           ";\"Rome; Italy\";Oslo;Lima\n\"Rome; Italy\";0;10;20\nOslo;10;0;31\nLima;20;31;0\n",
           ",1,2,3\n1,0,10,20\n2,10,0,31\n3,20,31,0\n",  // numbers as names
           "host,1,2,3\n1,0,10,20\n2,10,0,31\n3,20,31,0\n",
           "7 8 9\n7 0 10 20\n8 10 0 31\n9 20 31 0\n",
           "\xEF\xBB\xBF,Rome,Oslo,Lima\r\nRome,0,10,20\r\nOslo,10,0,31\r\nLima,20,31,0\r\n",
       }) {
    INFO(text);
    REQUIRE(matrix_latencies(text) == expected);
  }
  // The hosts that a file without names lost before: its first row.
  REQUIRE(matrix_latencies("0,10,20\n10,0,20\n20,20,0\n") == std::set<Duration>{same_site_latency, 5ms, 10ms});
  // An empty diagonal doesn't look like a header.
  REQUIRE(matrix_latencies(",10,20\n10,,31\n20,31,\n", {.file = {}, .missing = {"empty"}}) == expected);
}

TEST_CASE("the scenario says which entries were not measured", "[latency_file]") {
  // The other direction stands in.
  REQUIRE(matrix_latencies("0 10 20\n0 0 30\nnan 30 0\n", {.file = {}, .missing = {"nan", "0"}}) ==
          std::set<Duration>{same_site_latency, 5ms, 10ms, 15ms});
  // Neither direction: the mean of the rows' medians, (10 + 40) / 2 = 25 ms of round trip.
  for (const char* mark : {"0", "-1", "nan", "NA", "-"}) {
    std::string text = "0 10 X\n10 0 40\nX 40 0\n";
    for (std::size_t at = 0; (at = text.find('X')) != std::string::npos;) text.replace(at, 1, mark);
    INFO(text);
    REQUIRE(matrix_latencies(text, {.file = {}, .missing = {mark}}) ==
            std::set<Duration>{same_site_latency, 5ms, 12500us, 20ms});
  }
  REQUIRE(matrix_latencies("0,10,\n10,0,40\n,40,0\n", {.file = {}, .missing = {"empty"}}) ==
          std::set<Duration>{same_site_latency, 5ms, 12500us, 20ms});
  REQUIRE(matrix_latencies("0 10 0.0\n10 0 40\n-1.0 40 0\n", {.file = {}, .missing = {"0", "-1"}}) ==
          std::set<Duration>{same_site_latency, 5ms, 12500us, 20ms});

  const std::string hint = " (links.missing lists what stands for \"not measured\")";
  REQUIRE(matrix_error("0 10\n0 0\n") == "2:1: found \"0\", expected a latency above 0 ms" + hint);
  REQUIRE(matrix_error("0 10\n-1 0\n") == "2:1: found \"-1\", expected a latency above 0 ms" + hint);
  REQUIRE(matrix_error("0 NA\n10 0\n") == "1:3: found \"NA\", expected a latency in ms" + hint);
  REQUIRE(matrix_error("0 nan\n10 0\n", {.file = {}, .missing = {}}) ==
          "1:3: found \"nan\", expected a latency in ms" + hint);
  REQUIRE(matrix_error("0,10\n,0\n") == "2:1: found nothing, expected a latency in ms" + hint);
}

TEST_CASE("the scenario says in which unit a file is", "[latency_file]") {
  REQUIRE(matrix_latencies("0 10 20\n10 0 30\n20 30 0\n", {.file = {}, .unit = TimeUnit::us}) ==
          std::set<Duration>{same_site_latency, 5us, 10us, 15us});
  REQUIRE(matrix_latencies("0 .01 .02\n.01 0 .03\n.02 .03 0\n", {.file = {}, .unit = TimeUnit::s}) ==
          std::set<Duration>{same_site_latency, 5ms, 10ms, 15ms});
  REQUIRE(matrix_error("0 7200\n1 0\n", {.file = {}, .unit = TimeUnit::s}) ==
          "1:3: found \"7200\", expected a latency of at most 3600 s, an hour");
  const ScratchFile graph("a b 40\n");
  const auto model = make_latency_model(GraphLinks{.file = graph.path(), .unit = TimeUnit::us}, 1);
  REQUIRE(model.has_value());
  REQUIRE(latencies_of(**model).contains(40us));
}

TEST_CASE("a matrix with a mistake names its place", "[latency_file]") {
  REQUIRE(matrix_error("") == "1:1: found no row, expected a latency matrix");
  REQUIRE(matrix_error("# nothing\n\n") == "1:1: found no row, expected a latency matrix");
  REQUIRE(matrix_error("0\n") == "1:1: found 1 columns, expected at least 2");
  REQUIRE(matrix_error("0 1 2\n1 0\n2 3 0\n") == "2:4: found the end of the line after 2 entries, expected 3 entries");
  REQUIRE(matrix_error("0 1 2\n1 0 3 4\n2 3 0\n") ==
          "2:7: found entry 4, expected the end of the line after 3 entries");
  REQUIRE(matrix_error("0 1 2\n1 0 3\n") ==
          "3:1: found the end of the file after 2 rows, expected 3 rows, as many as columns");
  REQUIRE(matrix_error("0 1\n1 0\n1 1\n") == "3:1: found row 3, expected 2 rows, as many as columns");
  REQUIRE_THAT(matrix_error("0 1\n-3.5 0\n"), Catch::StartsWith("2:1: found \"-3.5\", expected a latency above 0 ms"));
  REQUIRE_THAT(matrix_error("0 1\nfast 0\n"), Catch::StartsWith("2:1: found \"fast\", expected a latency in ms"));
  REQUIRE_THAT(matrix_error("0\t1\n12.5ms\t0\n"), Catch::StartsWith("2:1: found \"12.5ms\", expected a latency in ms"));
  REQUIRE(matrix_error("0 inf\n1 0\n") == "1:3: found \"inf\", expected a latency of at most 3600000 ms, an hour");
  REQUIRE(matrix_error("0 1e999\n1 0\n") == "1:3: found \"1e999\", expected a latency of at most 3600000 ms, an hour");
  REQUIRE(matrix_error("0 1 nan\n1 0 nan\nnan nan 0\n") ==
          "3:1: found no measured latency in row 3, expected at least one above 0");
}

TEST_CASE("a named matrix with a mistake names its place", "[latency_file]") {
  REQUIRE(matrix_error(",1,2\n1\n") == "2:2: found the end of the line after 1 entries, expected 3 entries");
  REQUIRE(matrix_error(",Rome,Oslo\nOslo,0,1\nRome,1,0\n") ==
          "2:1: found \"Oslo\", expected the row \"Rome\", in the order of the columns");
  REQUIRE_THAT(matrix_error(",Rome,Oslo\nRome,0,\nOslo,1,0\n"),
               Catch::StartsWith("2:8: found nothing, expected a latency in ms"));
  REQUIRE(matrix_error(",Rome,Oslo\nRome,0\nOslo,1,0\n") ==
          "2:7: found the end of the line after 2 entries, expected a name and 2 entries");
  REQUIRE_THAT(matrix_error(",Rome,Oslo\nRome,0, \t,\nOslo,1,0,\n"),
               Catch::StartsWith("2:10: found nothing, expected a latency in ms"));
  REQUIRE(matrix_error(",Rome,Oslo\nRome,0,1\n") ==
          "3:1: found the end of the file after 1 rows, expected 2 rows, as many as columns");
  REQUIRE(matrix_error(",Rome,Rome\nRome,0,1\nRome,1,0\n") ==
          "1:7: found \"Rome\", expected another name than that in line 1, column 2");
  REQUIRE(matrix_error("Rome,0,1\nRome,1,0\n") ==
          "2:1: found \"Rome\", expected another name than that in line 1, column 1");
  REQUIRE(matrix_error("x,Rome,,Lima\nRome,0,1,2\n,1,0,3\nLima,2,3,0\n") == "1:8: found nothing, expected a name");
}

TEST_CASE("a missing file is named with the reason", "[latency_file]") {
  for (const LinkModel& links :
       {LinkModel{MatrixLinks{.file = "/nowhere/m.txt"}}, LinkModel{GraphLinks{.file = "/nowhere/m.txt"}}}) {
    const auto model = make_latency_model(links, 1);
    REQUIRE_FALSE(model.has_value());
    REQUIRE_THAT(model.error(), Catch::Contains("/nowhere/m.txt") && Catch::Contains("No such file or directory"));
  }
}

TEST_CASE("router graphs give shortest paths", "[latency_file]") {
  // a - b - c - d, a shortcut a - d, and a slow parallel link that never counts.
  const ScratchFile file("# four routers\na b 1\nb c 2.5 # comment\n\nc  d\t4\na d 20\nb a 50\n");
  const auto model = make_latency_model(GraphLinks{.file = file.path()}, 3);
  INFO((model ? std::string() : model.error()));
  REQUIRE(model.has_value());
  // a-b, b-c, a-c, c-d, b-d, a-d over b and c.
  REQUIRE(latencies_of(**model) == std::set<Duration>{same_site_latency, 1ms, 2500us, 3500us, 4ms, 6500us, 7500us});
  for (PeerIndex a = 1; a < 50; ++a) REQUIRE((*model)->base(a, 0) == (*model)->base(0, a));
}

TEST_CASE("a graph may have a header, in any form of table", "[latency_file]") {
  for (const char* text : {"router,router,one_way_ms\na,b,1\n", "Router;Router;One_way_ms\r\na;b;1\r\n",
                           "\xEF\xBB\xBF"
                           "router router one_way_ms\na b 1\n",
                           "\"a\",\"b\",1\n"}) {
    const ScratchFile file(text);
    const auto model = make_latency_model(GraphLinks{.file = file.path()}, 3);
    INFO((model ? std::string() : model.error()));
    REQUIRE(model.has_value());
    REQUIRE(latencies_of(**model) == std::set<Duration>{same_site_latency, 1ms});
  }
}

TEST_CASE("a graph with a mistake names its place", "[latency_file]") {
  const std::string form = "router,router,one_way_ms";
  const std::string header = ", or the header \"" + form + "\"";
  REQUIRE(graph_error("") == "1:1: found no link, expected lines \"" + form + "\"");
  REQUIRE(graph_error(form + "\n") == "2:1: found no link, expected lines \"" + form + "\"");
  REQUIRE(graph_error("a b 1\nb c\n") == "2:4: found the end of the line after 2 entries, expected " + form);
  REQUIRE(graph_error("a b 1 2\n") == "1:7: found entry 4, expected " + form);
  REQUIRE(graph_error("a b x\n") == "1:5: found \"x\", expected a latency in ms" + header);
  REQUIRE(graph_error("a b 1\na c -1\n") == "2:5: found \"-1\", expected a latency from 0 to 3600000 ms");
  REQUIRE(graph_error("a b 1\na c nan\n") == "2:5: found \"nan\", expected a latency from 0 to 3600000 ms");
  REQUIRE(graph_error("a b 1\na a 1\n") == "2:3: found \"a\", expected another router than that before it");
  REQUIRE(graph_error("a b 1\nc  d 1\n") == "2:1: found \"c\", expected a path that joins it to router \"a\"");
  REQUIRE(graph_error("router router one_way_s\na b 1\n") ==
          "1:15: found \"one_way_s\", expected times in ms, as the key 'unit' says");
}

TEST_CASE("the shared measured matrices load, with the medians of their data", "[latency_file]") {
  const fs::path shared = fs::path(__FILE__).parent_path() / "../../../shared/latency";
  if (!fs::exists(shared)) {
    WARN("no measured matrices at " << shared.string() << ": nothing compared");
    return;
  }
  const auto planetlab = make_latency_model(MatrixLinks{.file = shared / "planetlab-490.txt"}, 1);
  const auto cities = make_latency_model(MatrixLinks{.file = shared / "cities-218.csv", .missing = {"0"}}, 1);
  INFO((planetlab ? "" : planetlab.error()) << (cities ? "" : cities.error()));
  REQUIRE(planetlab.has_value());
  REQUIRE(cities.has_value());
  // Half of the median round trip, 135.01 ms and 138.13 ms over the entries off the diagonal.
  REQUIRE(static_cast<double>((*planetlab)->typical().count()) == Approx(67.5e6).epsilon(0.01));
  REQUIRE(static_cast<double>((*cities)->typical().count()) == Approx(69.1e6).epsilon(0.01));
}

}  // namespace
