#include "durable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace cicada::tool {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t file_bytes_max = std::size_t{16} << 20;

[[noreturn]] void fail(const fs::path& path, std::string_view what) {
  throw std::system_error(errno, std::generic_category(), path.string() + ": cannot " + std::string(what));
}

/// A descriptor that closes itself.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, unsigned mode, std::string_view what)
      : number_(open(path.c_str(), flags | O_CLOEXEC, mode)) {
    if (number_ < 0) fail(path, what);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(number_); }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

void flush_folder(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const Descriptor descriptor(folder, O_RDONLY | O_DIRECTORY, 0, "open the folder");
  if (fsync(descriptor.number()) != 0) fail(folder, "flush to the disk");
}

void write_all(const fs::path& path, int descriptor, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t written = write(descriptor, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, "write");
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// The contents, on the disk, under a name that nobody reads.
fs::path write_beside(const fs::path& path, std::string_view contents, unsigned mode) {
  struct stat found{};
  if (lstat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode) && !S_ISLNK(found.st_mode)) {
    errno = S_ISDIR(found.st_mode) ? EISDIR : EEXIST;
    fail(path, "replace what is not a file");
  }
  fs::path beside = path;
  beside += ".new";
  // What a crash left there is of no use to anybody.
  unlink(beside.c_str());
  const Descriptor descriptor(beside, O_WRONLY | O_CREAT | O_EXCL, mode, "create");
  try {
    write_all(path, descriptor.number(), contents);
    if (fchmod(descriptor.number(), mode) != 0) fail(path, "set the mode");
    if (fsync(descriptor.number()) != 0) fail(path, "flush to the disk");
  } catch (const std::system_error&) {
    unlink(beside.c_str());
    throw;
  }
  return beside;
}

/// Renames what was written beside; takes it away where that fails.
void put_in_place(const fs::path& beside, const fs::path& path) {
  if (rename(beside.c_str(), path.c_str()) == 0) return flush_folder(path);
  const int why = errno;
  unlink(beside.c_str());
  errno = why;
  fail(path, "replace");
}

}  // namespace

void write_durably(const fs::path& path, std::string_view contents, unsigned mode) {
  put_in_place(write_beside(path, contents, mode), path);
}

void create_durably(const fs::path& path, std::string_view contents, unsigned mode) {
  const fs::path beside = write_beside(path, contents, mode);
  // link(), unlike rename(), refuses to replace.
  const bool is_linked = link(beside.c_str(), path.c_str()) == 0;
  const int why = errno;
  unlink(beside.c_str());
  errno = why;
  if (!is_linked) fail(path, "create");
  flush_folder(path);
}

void replace_durably(const fs::path& path, const fs::path& older, std::string_view contents, unsigned mode) {
  const fs::path beside = write_beside(path, contents, mode);
  // Between the two renames only the older one is there, and complete; readers look for both.
  if (rename(path.c_str(), older.c_str()) != 0 && errno != ENOENT) {
    const int why = errno;
    unlink(beside.c_str());
    errno = why;
    fail(older, "keep what was there before");
  }
  put_in_place(beside, path);
}

std::optional<std::string> read_if_exists(const fs::path& path) {
  const int number = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (number < 0 && errno == ENOENT) return std::nullopt;
  if (number < 0) fail(path, "open");
  std::string contents;
  char buffer[16384];
  ssize_t got = 0;
  while ((got = read(number, buffer, sizeof buffer)) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got > 0) contents.append(buffer, static_cast<std::size_t>(got));
    if (got < 0 || contents.size() > file_bytes_max) {
      if (got > 0) errno = EFBIG;
      const int why = errno;
      close(number);
      errno = why;
      fail(path, "read");
    }
  }
  close(number);
  return contents;
}

void make_private_folder(const fs::path& path) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) throw std::system_error(error, path.parent_path().string() + ": cannot create the folder");
  if (mkdir(path.c_str(), 0700) == 0) return;
  if (errno != EEXIST) fail(path, "create the folder");
  struct stat found{};
  if (stat(path.c_str(), &found) != 0) fail(path, "look at the folder");
  if (!S_ISDIR(found.st_mode)) {
    errno = ENOTDIR;
    fail(path, "use it as a folder");
  }
  if (found.st_uid != geteuid()) {
    errno = EPERM;
    fail(path, "use a folder that belongs to another user");
  }
  if ((found.st_mode & 0022) != 0) {
    errno = EPERM;
    fail(path, "use a folder that others may write to (make another one, or chmod go-w this one)");
  }
}

}  // namespace cicada::tool
