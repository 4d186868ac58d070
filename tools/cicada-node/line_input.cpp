#include "line_input.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace cicada::node {

LineInput::LineInput(boost::asio::io_context& context, std::function<void(const std::string&)> line,
                     std::function<void()> end)
    : context_(context), line_(std::move(line)), end_(std::move(end)), wake_(eventfd(0, EFD_CLOEXEC)) {
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { read_all(); });
}

LineInput::~LineInput() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
  thread_.join();
  close(wake_);
}

void LineInput::read_all() {
  std::string text;
  std::array<char, 4096> bytes;
  while (true) {
    std::array<pollfd, 2> wanted = {pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
    if (poll(wanted.data(), wanted.size(), -1) < 0 && errno == EINTR) continue;
    if (wanted[1].revents != 0) return;
    const ssize_t size = read(STDIN_FILENO, bytes.data(), bytes.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size > 0) text.append(bytes.data(), static_cast<std::size_t>(size));
    take(text, size <= 0);
    if (size > 0) continue;
    boost::asio::post(context_, [this] { end_(); });
    return;
  }
}

/// Posts the whole lines in `text`, and leaves the rest in it.
void LineInput::take(std::string& text, bool is_last) {
  if (is_last && !text.empty()) text += '\n';
  std::size_t start = 0;
  for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    boost::asio::post(context_, [this, line = text.substr(start, end - start)] { line_(line); });
  }
  text.erase(0, start);
}

}  // namespace cicada::node
