#include "output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "terminal.hpp"

namespace cicada::tool {
namespace {

constexpr int exit_not_written = 1;
int output_fault = 0;  ///< errno of the first write to standard output that failed; 0: none has.
int error_fault = 0;

void write_to(std::FILE* stream, int& fault, std::string_view bytes) {
  if (fault != 0) return;
  if (std::fwrite(bytes.data(), 1, bytes.size(), stream) != bytes.size()) fault = errno != 0 ? errno : EIO;
}

void flush(std::FILE* stream, int& fault) {
  if (fault == 0 && std::fflush(stream) != 0) fault = errno != 0 ? errno : EIO;
}

void write_text(std::FILE* stream, int& fault, std::string_view text, bool folds) {
  const Terminal terminal = terminal_of(stream);
  if (!terminal.is_terminal) return write_to(stream, fault, text);
  const std::string shown = terminal_text(text, terminal.utf8);
  write_to(stream, fault, folds ? folded(shown, terminal.columns) : shown);
}

}  // namespace

void prepare_standard_streams() {
  // Opened the wrong way round: using it fails with EBADF, as with a closed stream.
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    const int opened = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened >= 0 && opened != descriptor) close(opened);
  }
  std::signal(SIGPIPE, SIG_IGN);
}

void print_text(std::string_view text) { write_text(stdout, output_fault, text, true); }

void complain_text(std::string_view text) {
  // In the order in which things happened, where both lead to the same place.
  flush(stdout, output_fault);
  write_text(stderr, error_fault, text, true);
}

void write_data(std::string_view bytes) { write_text(stdout, output_fault, bytes, false); }

bool flush_output() {
  flush(stdout, output_fault);
  return output_fault == 0;
}

int finish_output(std::string_view program, int status) {
  flush(stdout, output_fault);
  flush(stderr, error_fault);
  // By those who write to the streams themselves: a log, a progress line.
  if (std::ferror(stdout) != 0 && output_fault == 0) output_fault = EIO;
  if (std::ferror(stderr) != 0 && error_fault == 0) error_fault = EIO;
  if (output_fault == 0) return status == 0 && error_fault != 0 ? exit_not_written : status;
  if (output_fault == EPIPE && status == 0) {
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
  }
  complain("{}: standard output: cannot write: {}\n", program, std::strerror(output_fault));
  return status == 0 ? exit_not_written : status;
}

}  // namespace cicada::tool
