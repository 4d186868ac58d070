// Measured matrices and router graphs are read in every documented form, and a file with a mistake in it is refused
// with its place, what was found there and what belongs there.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include <unistd.h>

#include <cicada/sim/latency_model.hpp>

namespace {

using namespace cicada;
using namespace cicada::sim;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A file that lives as long as the object, in a folder of its own.
class ScratchFile {
 public:
  explicit ScratchFile(std::string_view text) {
    std::string folder = (fs::temp_directory_path() / "cicada-latency-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    path_ = fs::path(folder) / "latency.txt";
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~ScratchFile() { fs::remove_all(path_.parent_path()); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

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

std::set<Duration> matrix_latencies(std::string_view text, bool rtt = true) {
  const ScratchFile file(text);
  const auto model = make_latency_model(MatrixLinks{file.path(), rtt}, 1);
  INFO((model ? std::string() : model.error()));
  REQUIRE(model.has_value());
  return latencies_of(**model);
}

template <class Links>
std::string error_of(std::string_view text) {
  const ScratchFile file(text);
  Links links;
  links.file = file.path();
  const auto model = make_latency_model(links, 1);
  REQUIRE_FALSE(model.has_value());
  // The path changes with every run; what follows it does not.
  REQUIRE(model.error().starts_with(file.path().string() + ":"));
  return model.error().substr(file.path().string().size() + 1);
}

std::string matrix_error(std::string_view text) { return error_of<MatrixLinks>(text); }
std::string graph_error(std::string_view text) { return error_of<GraphLinks>(text); }

TEST_CASE("a matrix of numbers gives half of each round trip", "[latency_file]") {
  const std::set<Duration> expected{same_site_latency, 5ms, 10ms, 15500us};
  REQUIRE(matrix_latencies("0\t10\t20\n10\t0\t31\n20\t31\t0\n") == expected);
  REQUIRE(matrix_latencies("# ms\n0  10 20 \r\n\r\n 10 0 31\r\n20 31 0") == expected);
  REQUIRE(matrix_latencies("0 5 10\n5 0 15.5\n10 15.5 0\n", false) == expected);
}

TEST_CASE("a CSV matrix has names, and may end its lines with a comma", "[latency_file]") {
  const std::set<Duration> expected{same_site_latency, 5ms, 10ms, 15500us};
  REQUIRE(matrix_latencies(",Rome,Oslo,Lima,\nRome,0.0,10,20,\nOslo,10,0.0,31,\nLima,20,31,0.0,\n") == expected);
  REQUIRE(matrix_latencies("city, Rome, Oslo, Lima\nRome, 0, 10, 20\nOslo, 10, 0, 31\nLima, 20, 31, 0\n") == expected);
}

TEST_CASE("data that differ by direction stay different", "[latency_file]") {
  const ScratchFile file("0 10\n30 0\n");
  const auto model = make_latency_model(MatrixLinks{file.path(), true}, 1);
  REQUIRE(model.has_value());
  REQUIRE(latencies_of(**model) == std::set<Duration>{same_site_latency, 5ms, 15ms});
  for (PeerIndex b = 1; b < 20; ++b) {
    const Duration round_trip = (*model)->base(0, b) + (*model)->base(b, 0);
    REQUIRE((round_trip == 20ms || round_trip == 2 * same_site_latency));
  }
}

TEST_CASE("what was not measured is filled in", "[latency_file]") {
  // The other direction stands in.
  REQUIRE(matrix_latencies("0 10 20\n0 0 30\nnan 30 0\n") == std::set<Duration>{same_site_latency, 5ms, 10ms, 15ms});
  // Neither direction: the mean of the rows' medians, (10 + 40) / 2 = 25 ms of round trip.
  REQUIRE(matrix_latencies("0 10 0\n10 0 40\n0 40 0\n") == std::set<Duration>{same_site_latency, 5ms, 12500us, 20ms});
}

TEST_CASE("a matrix with a mistake names its place", "[latency_file]") {
  REQUIRE(matrix_error("") == "1:1: found an empty file, expected a latency matrix");
  REQUIRE(matrix_error("0\n") == "1:1: found 1 columns, expected at least 2");
  REQUIRE(matrix_error("0 1 2\n1 0\n2 3 0\n") == "2:4: found the end of the line after 2 entries, expected 3 entries");
  REQUIRE(matrix_error("0 1 2\n1 0 3 4\n2 3 0\n") ==
          "2:7: found entry 4, expected the end of the line after 3 entries");
  REQUIRE(matrix_error("0 1 2\n1 0 3\n") ==
          "3:1: found the end of the file after 2 rows, expected 3 rows, as many as columns");
  REQUIRE(matrix_error("0 1\n1 0\n1 1\n") == "3:1: found row 3, expected 2 rows, as many as columns");
  REQUIRE(matrix_error("0 1\n-3.5 0\n") == "2:1: found \"-3.5\", expected a latency in ms of 0 or more");
  REQUIRE(matrix_error("0 1\nfast 0\n") == "2:1: found \"fast\", expected a latency in ms");
  REQUIRE(matrix_error("0\t1\n12.5ms\t0\n") == "2:1: found \"12.5ms\", expected a latency in ms");
  REQUIRE(matrix_error("0 inf\n1 0\n") == "1:3: found \"inf\", expected a latency of at most 3600000 ms, an hour");
  REQUIRE(matrix_error("0 1e999\n1 0\n") == "1:3: found \"1e999\", expected a latency in ms");
  REQUIRE(matrix_error("0 1 0\n1 0 0\n0 0 0\n") ==
          "3:1: found no measured latency in row 3, expected at least one above 0");
}

TEST_CASE("a CSV matrix with a mistake names its place", "[latency_file]") {
  REQUIRE(matrix_error(",Rome,Oslo\nOslo,0,1\nRome,1,0\n") ==
          "2:1: found row \"Oslo\", expected \"Rome\", in the order of the columns");
  REQUIRE(matrix_error(",Rome,Oslo\nRome,0,\nOslo,1,0\n") ==
          "2:8: found the end of the line after 1 entries, expected 2 entries");
  REQUIRE(matrix_error(",Rome,Oslo\nRome,0, \t,\nOslo,1,0,\n") == "2:8: found nothing, expected a latency in ms");
  REQUIRE(matrix_error(",Rome,Oslo\nRome,0,1\n") ==
          "3:1: found the end of the file after 1 rows, expected 2 rows, as many as columns");
}

TEST_CASE("a missing file is named with the reason", "[latency_file]") {
  for (const LinkModel& links :
       {LinkModel{MatrixLinks{"/nowhere/m.txt", true}}, LinkModel{GraphLinks{"/nowhere/m.txt"}}}) {
    const auto model = make_latency_model(links, 1);
    REQUIRE_FALSE(model.has_value());
    REQUIRE_THAT(model.error(), Catch::Contains("/nowhere/m.txt") && Catch::Contains("No such file or directory"));
  }
}

TEST_CASE("router graphs give shortest paths", "[latency_file]") {
  // a - b - c - d, a shortcut a - d, and a slow parallel link that never counts.
  const ScratchFile file("# four routers\na b 1\nb c 2.5 # comment\n\nc,d,4\na\td\t20\nb a 50\n");
  const auto model = make_latency_model(GraphLinks{file.path()}, 3);
  INFO((model ? std::string() : model.error()));
  REQUIRE(model.has_value());
  // a-b, b-c, a-c, c-d, b-d, a-d over b and c.
  REQUIRE(latencies_of(**model) == std::set<Duration>{same_site_latency, 1ms, 2500us, 3500us, 4ms, 6500us, 7500us});
  for (PeerIndex a = 1; a < 50; ++a) REQUIRE((*model)->base(a, 0) == (*model)->base(0, a));
}

TEST_CASE("a graph with a mistake names its place", "[latency_file]") {
  REQUIRE(graph_error("") == "1:1: found no link, expected lines \"router router one_way_ms\"");
  REQUIRE(graph_error("a b 1\nb c\n") == "2:3: found 2 fields, expected \"router router one_way_ms\"");
  REQUIRE(graph_error("a b 1 2\n") == "1:7: found 4 fields, expected \"router router one_way_ms\"");
  REQUIRE(graph_error("a b x\n") == "1:5: found \"x\", expected a latency in ms");
  REQUIRE(graph_error("a b -1\n") == "1:5: found \"-1\", expected a latency in ms of 0 or more");
  REQUIRE(graph_error("a b nan\n") == "1:5: found \"nan\", expected a latency in ms");
  REQUIRE(graph_error("a a 1\n") == "1:3: found router \"a\" linked to itself, expected two different routers");
  REQUIRE(graph_error("a b 1\nc  d 1\n") ==
          "2:1: found router \"c\", which no path joins to router \"a\", expected a connected graph");
}

TEST_CASE("the shared measured matrices load, with the medians of their data", "[latency_file]") {
  const fs::path shared = fs::path(__FILE__).parent_path() / "../../../shared/latency";
  if (!fs::exists(shared)) {
    WARN("no measured matrices at " << shared.string() << ": nothing compared");
    return;
  }
  const auto planetlab = make_latency_model(MatrixLinks{shared / "planetlab-490.txt", true}, 1);
  const auto cities = make_latency_model(MatrixLinks{shared / "cities-218.csv", true}, 1);
  INFO((planetlab ? "" : planetlab.error()) << (cities ? "" : cities.error()));
  REQUIRE(planetlab.has_value());
  REQUIRE(cities.has_value());
  // Half of the median round trip, 135.01 ms and 138.13 ms over the entries off the diagonal.
  REQUIRE(static_cast<double>((*planetlab)->typical().count()) == Approx(67.5e6).epsilon(0.01));
  REQUIRE(static_cast<double>((*cities)->typical().count()) == Approx(69.1e6).epsilon(0.01));
}

}  // namespace
