#pragma once
/// A file with a given text, in a folder of its own; both are gone with the object.

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace cicada::test {

class ScratchFile {
 public:
  explicit ScratchFile(std::string_view text) {
    std::string folder = (std::filesystem::temp_directory_path() / "cicada-data-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    path_ = std::filesystem::path(folder) / "data.txt";
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~ScratchFile() { std::filesystem::remove_all(path_.parent_path()); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace cicada::test
