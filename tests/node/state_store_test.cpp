// A state that was saved is read back the same; one that was damaged is refused, wherever the damage is.

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "durable_file.hpp"
#include "key_file.hpp"
#include "state_store.hpp"

using namespace cicada::node;
namespace fs = std::filesystem;
namespace tool = cicada::tool;

namespace {

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "cicada-state-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

NodeState example() { return {.incarnation = 7, .peers = {"1.2.3.4:5", "[::1]:6"}}; }

void overwrite(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::trunc) << text; }

}  // namespace

TEST_CASE("state: what is encoded is decoded", "[state]") {
  CHECK(decode_state(encode_state(example())) == example());
  CHECK(decode_state(encode_state({})) == NodeState{});
}

TEST_CASE("state: every cut and every flipped bit is noticed", "[state]") {
  const std::string whole = encode_state(example());
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_THROWS_AS(decode_state(whole.substr(0, size)), std::runtime_error);
  for (std::size_t i = 0; i < whole.size() * 8; ++i) {
    std::string damaged = whole;
    damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << (i % 8)));
    CHECK_THROWS_AS(decode_state(damaged), std::runtime_error);
  }
}

TEST_CASE("StateStore: the older state is used where the newest is torn", "[state]") {
  const Folder folder;
  const fs::path state = folder.path / "s";
  std::vector<std::string> complaints;
  NodeState first = example();
  NodeState second = example();
  second.incarnation = 8;
  {
    const StateStore store(state);
    CHECK(store.load(complaints) == NodeState{});
    store.save(first);
    store.save(second);
    CHECK(store.load(complaints) == second);
    CHECK(complaints.empty());
  }
  overwrite(state / "state", encode_state(second).substr(0, 90));
  const StateStore store(state);
  CHECK(store.load(complaints) == first);
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].find("looking for an older one") != std::string::npos);
  // The torn one must not push out the good one.
  store.save(second);
  overwrite(state / "state", "");
  complaints.clear();
  CHECK(store.load(complaints) == first);
}

TEST_CASE("StateStore: a state of a later version is kept, and a damaged one too", "[state]") {
  const Folder folder;
  const StateStore store(folder.path / "s");
  std::vector<std::string> complaints;
  const std::string later = "cicada-state 2 of another form\n";
  overwrite(store.folder() / "state", later);
  CHECK_THROWS_AS(store.load(complaints), NewerState);
  CHECK_THROWS_AS(store.save(example()), NewerState);
  CHECK(tool::read_if_exists(store.folder() / "state") == later);
  const std::string damaged = encode_state(example()).substr(0, 90);
  overwrite(store.folder() / "state", damaged);
  store.save(example());
  CHECK(tool::read_if_exists(store.folder() / "state.damaged") == damaged);
  CHECK(store.load(complaints) == example());
}

TEST_CASE("make_private_folder: never changes the mode of a folder that is there", "[state]") {
  const Folder folder;
  const auto mode_after = [&](unsigned mode) {
    REQUIRE(chmod(folder.path.c_str(), mode) == 0);
    std::string refused;
    try {
      tool::make_private_folder(folder.path);
    } catch (const std::system_error& error) {
      refused = error.what();
    }
    struct stat found{};
    REQUIRE(stat(folder.path.c_str(), &found) == 0);
    CHECK((found.st_mode & 07777) == mode);
    return refused;
  };
  CHECK(mode_after(0700).empty());
  CHECK(mode_after(0755).empty());
  CHECK(mode_after(0775).find("others may write to") != std::string::npos);
  CHECK(mode_after(01777).find("others may write to") != std::string::npos);
  REQUIRE(chmod(folder.path.c_str(), 0700) == 0);
  overwrite(folder.path / "file", "x");
  CHECK_THROWS_AS(tool::make_private_folder(folder.path / "file" / "below"), std::system_error);
}

TEST_CASE("StateStore: a crash between the two renames leaves a complete state", "[state]") {
  const Folder folder;
  const StateStore store(folder.path / "s");
  store.save(example());
  fs::rename(store.folder() / "state", store.folder() / "state.older");
  std::vector<std::string> complaints;
  CHECK(store.load(complaints) == example());
  CHECK(complaints.empty());
}

TEST_CASE("StateStore: one at a time, in a folder for its user alone", "[state]") {
  const Folder folder;
  const StateStore store(folder.path / "s");
  CHECK_THROWS_AS(StateStore(folder.path / "s"), std::runtime_error);
  struct stat found{};
  REQUIRE(stat((folder.path / "s").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0700);
}

TEST_CASE("durable files: created once, replaced whole", "[state]") {
  const Folder folder;
  const fs::path path = folder.path / "f";
  CHECK_FALSE(tool::read_if_exists(path));
  tool::create_durably(path, "one");
  CHECK_THROWS_AS(tool::create_durably(path, "two"), std::system_error);
  CHECK(tool::read_if_exists(path) == "one");
  tool::write_durably(path, "three");
  CHECK(tool::read_if_exists(path) == "three");
  CHECK_FALSE(fs::exists(folder.path / "f.new"));
}

TEST_CASE("key files: made once, read back, and refused where they are no keys", "[state]") {
  const Folder folder;
  const fs::path path = folder.path / "key";
  const auto seed = create_key_file(path);
  CHECK(read_key_file(path) == seed);
  CHECK_THROWS_AS(create_key_file(path), std::system_error);
  CHECK_FALSE(read_key_file(folder.path / "none"));
  overwrite(path, "cicada-key 1 abc\n");
  CHECK_THROWS_AS(read_key_file(path), std::runtime_error);
  const auto key = cicada::public_key_of(seed);
  CHECK(parse_public_key(to_hex(key)) == key);
}
