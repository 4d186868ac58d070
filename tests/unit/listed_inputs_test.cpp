// What a scenario lists in files is read as it stands, and every mistake is told with its place.

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <fmt/core.h>
#include <catch2/catch.hpp>

#include <cicada/sim/simulation.hpp>

#include "world/listed_inputs.hpp"

using namespace cicada;
using namespace cicada::sim;
using namespace std::chrono_literals;

namespace {

/// A file that is gone after the test.
class File {
 public:
  explicit File(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "cicada-listed-XXXXXX").string();
    const int handle = mkstemp(name.data());
    REQUIRE(handle >= 0);
    close(handle);
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string complaint(const auto& read) {
  try {
    read();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

std::string id_text(char digit) { return std::string(64, digit); }

}  // namespace

TEST_CASE("ids are read in the order of their file") {
  const File file(fmt::format("# two peers\n{}  # the first\n\n{}\r\n", id_text('a'), id_text('0')));
  const auto ids = read_ids(file.path(), 2);
  REQUIRE(ids.size() == 2);
  CHECK(ids[0].to_hex() == id_text('a'));
  CHECK(ids[1].to_hex() == id_text('0'));
}

TEST_CASE("wrong lists of ids are told with their place") {
  const File odd(id_text('a') + "\n  abc\n");
  CHECK_THAT(complaint([&] { static_cast<void>(read_ids(odd.path(), 9)); }),
             Catch::EndsWith(":2:3: found \"abc\", expected 64 hexadecimal digits"));
  const File twice(id_text('a') + "\n" + id_text('a') + "\n");
  CHECK_THAT(complaint([&] { static_cast<void>(read_ids(twice.path(), 9)); }),
             Catch::Contains("expected each id once"));
  CHECK_THAT(complaint([&] { static_cast<void>(read_ids(twice.path(), 1)); }),
             Catch::Contains("at most peers.count = 1"));
  CHECK_THAT(complaint([&] { static_cast<void>(read_ids("/nowhere/ids", 1)); }), Catch::Contains("/nowhere/ids"));
}

TEST_CASE("lookups are read in the order of their file, and mistakes told") {
  const File file(fmt::format("1.5,3,{}\n0, 0 ,{}\n", id_text('b'), id_text('1')));
  const auto lookups = read_lookups(file.path(), 4);
  REQUIRE(lookups.size() == 2);
  CHECK(lookups[0].at == 1500ms);
  CHECK(lookups[0].host == 3);
  CHECK(lookups[0].key.to_hex() == id_text('b'));
  CHECK_THAT(complaint([&] { static_cast<void>(read_lookups(file.path(), 3)); }),
             Catch::Contains(":1:5: found \"3\", expected a peer below peers.count = 3"));
  const File late(fmt::format("nan,1,{}\n", id_text('b')));
  CHECK_THAT(complaint([&] { static_cast<void>(read_lookups(late.path(), 3)); }),
             Catch::Contains("expected seconds from the start"));
  const File narrow("1,2\n");
  CHECK_THAT(complaint([&] { static_cast<void>(read_lookups(narrow.path(), 3)); }), Catch::Contains("'at_s,peer,key'"));
}

TEST_CASE("a simulation gives listed peers their ids and makes the listed lookups") {
  const File ids(id_text('4') + "\n" + id_text('c') + "\n");
  const File trace(fmt::format("1,0,{}\n2,1,{}\n3,5,{}\n", id_text('c'), id_text('4'), id_text('c')));
  Scenario scenario;
  scenario.name = "listed";
  scenario.duration = 10s;
  scenario.peers.count = 20;
  scenario.peers.ids = ids.path();
  Lookups lookups;
  lookups.trace = trace.path();
  scenario.workloads.emplace_back(lookups);
  std::vector<LookupResult> results;
  static_cast<void>(run(scenario, {.on_lookup = [&](const LookupResult& result) { results.push_back(result); }}));
  REQUIRE(results.size() == 3);
  CHECK((results[0].peer == 0 && results[0].owner == 1 && results[0].found));
  CHECK((results[1].peer == 1 && results[1].owner == 0 && results[1].started == 2s));
  CHECK((results[2].peer == 5 && results[2].owner == 1 && results[2].latency > 0s));
}
