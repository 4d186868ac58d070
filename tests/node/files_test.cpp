// Files that were cut short name themselves and what was expected, wherever the cut is, and stay as they are; files
// that cannot be written leave what was there.

#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "config_file.hpp"
#include "durable_file.hpp"
#include "key_file.hpp"
#include "node_setup.hpp"
#include "trusted_peers.hpp"

using namespace cicada::node;
namespace tool = cicada::tool;
namespace fs = std::filesystem;

namespace {

class FilesFolder {
 public:
  FilesFolder() {
    std::string name = (fs::temp_directory_path() / "cicada-files-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~FilesFolder() { fs::remove_all(path_); }
  FilesFolder(const FilesFolder&) = delete;
  FilesFolder& operator=(const FilesFolder&) = delete;

  [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(path_), fs::directory_iterator());
  }

 private:
  fs::path path_;
};

/// Reads each beginning of `whole` but those that lack only white space. It is refused with the file's name, and is
/// still there afterwards.
void check_cuts(const fs::path& file, std::string whole, const std::function<void()>& read) {
  whole.erase(whole.find_last_not_of(" \n") + 1);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    tool::write_durably(file, cut);
    CAPTURE(cut);
    try {
      read();
      FAIL_CHECK("was taken for whole");
    } catch (const std::runtime_error& error) {
      CHECK(std::string(error.what()).starts_with(file.string() + ":"));
    }
    REQUIRE(tool::read_if_exists(file) == cut);
  }
  tool::write_durably(file, whole);
  CHECK_NOTHROW(read());
}

/// No file of this process may become longer than this meanwhile, as on a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit now{bytes, before_.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &now) == 0);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

}  // namespace

TEST_CASE("a key file that is cut short is refused, and not replaced", "[files]") {
  const FilesFolder folder;
  NodeConfig config;
  config.key = folder / "key";
  create_key_file(config.key);
  check_cuts(config.key, tool::read_if_exists(config.key).value_or(""), [&] {
    bool is_new = false;
    static_cast<void>(load_identity(config, is_new));
    CHECK_FALSE(is_new);
  });
}

TEST_CASE("pinned peers and memberships that are cut short are refused", "[files]") {
  const FilesFolder folder;
  const std::string key(64, 'a');
  check_cuts(folder / "keys.json",
             R"({"trusted_hosts": [{"name": "anna", "address": "75.23.66.101:50000", "key": ")" + key + "\"}]}\n",
             [&] { static_cast<void>(TrustedPeers::read(folder / "keys.json")); });
  const fs::path membership = folder / "membership";
  check_cuts(membership, encode_membership({.id = {}, .not_after = 1'800'000'000, .signature = {}}), [&] {
    static_cast<void>(decode_membership(tool::read_if_exists(membership).value_or(""), membership.string()));
  });
}

TEST_CASE("a configuration that is cut short is a shorter one, or refused with the place", "[files]") {
  const FilesFolder folder;
  const fs::path file = folder / "node.yaml";
  const std::string whole = "swarm: 'mine'\nport_mapping: {lease: 10min, check: 30s}\nbootstrap: ['127.0.0.1:5000']\n";
  std::size_t refused = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    tool::write_durably(file, whole.substr(0, size));
    NodeConfig config;
    const auto complaints = read_config_file(file, config);
    for (const std::string& complaint : complaints) CHECK(complaint.starts_with(file.string() + ":"));
    refused += complaints.empty() ? 0U : 1U;
  }
  CHECK(refused > whole.size() / 2);
}

TEST_CASE("a file that cannot be written stays as it was, and leaves nothing beside it", "[files]") {
  const FilesFolder folder;
  const fs::path path = folder / "f";
  tool::write_durably(path, "as it was");
  const std::string longer(100'000, 'x');
  {
    const FullDisk full(4096);
    CHECK_THROWS_WITH(tool::write_durably(path, longer), Catch::Contains(path.string() + ": cannot write"));
    CHECK_THROWS_AS(tool::replace_durably(path, folder / "older", longer), std::system_error);
    CHECK_THROWS_AS(tool::create_durably(folder / "new", longer), std::system_error);
  }
  CHECK(tool::read_if_exists(path) == "as it was");
  CHECK(folder.files() == 1);
  fs::create_directory(folder / "folder");
  CHECK_THROWS_AS(tool::write_durably(folder / "folder", "x"), std::system_error);
  CHECK_THROWS_WITH(tool::write_durably("/dev/full", "x"), Catch::Contains("/dev/full: cannot replace"));
  CHECK(fs::is_character_file("/dev/full"));
  CHECK(folder.files() == 2);
}
