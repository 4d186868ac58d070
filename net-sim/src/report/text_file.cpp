#include "text_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace cicada::sim::report {

std::expected<std::string, std::string> read_text_file(const std::filesystem::path& path, std::size_t bytes_max) {
  const auto refuse = [&](int error) {
    return std::unexpected(fmt::format("{}: cannot read this file: {}", path.string(), std::strerror(error)));
  };
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return refuse(errno);
  std::string text;
  char buffer[1 << 14];
  ssize_t count = 0;
  while (text.size() <= bytes_max &&
         ((count = ::read(file, buffer, sizeof buffer)) > 0 || (count < 0 && errno == EINTR))) {
    if (count > 0) text.append(buffer, static_cast<std::size_t>(count));
  }
  const int failure = errno;
  ::close(file);
  if (count < 0) return refuse(failure);
  if (text.size() > bytes_max) {
    return std::unexpected(
        fmt::format("{}: found more than {} bytes, expected a smaller file", path.string(), bytes_max));
  }
  return text;
}

}  // namespace cicada::sim::report
