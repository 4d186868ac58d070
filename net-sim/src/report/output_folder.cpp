#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <cicada/sim/output_folder.hpp>

#include "text_file.hpp"

namespace cicada::sim {
namespace fs = std::filesystem;
namespace {

using Outcome = std::expected<void, std::string>;

/// A folder with this file is a finished one.
constexpr std::string_view completeness_mark = "summary.json";

std::string staged_name(std::string_view name) { return fmt::format(".{}.partial", name); }

std::string_view format_of(OutputKind kind) { return kind == OutputKind::run ? "cicada-run" : "cicada-sweep"; }

std::unexpected<std::string> refuse(const fs::path& path, std::string_view what) {
  return std::unexpected(fmt::format("{}: {}", path.string(), what));
}

std::unexpected<std::string> refuse(const fs::path& path, std::string_view doing, int error) {
  return refuse(path, fmt::format("{}: {}", doing, std::strerror(error)));
}

/// Directories made on the way to a folder; `undo` removes those that are still empty, innermost first.
struct CreatedFolders {
  std::vector<fs::path> paths;

  void undo() const {
    for (auto path = paths.rbegin(); path != paths.rend(); ++path) ::rmdir(path->c_str());
  }
};

/// One pass from the outermost folder inwards. `vanished` tells that a folder was there a moment ago and is no more.
Outcome create_folders_once(const fs::path& folder, CreatedFolders& created, bool& vanished) {
  fs::path path;
  vanished = false;
  for (const fs::path& part : folder) {
    path /= part;
    std::error_code error;
    if (::mkdir(path.c_str(), 0777) == 0) {
      created.paths.push_back(path);
    } else if (errno != EEXIST && errno != EISDIR) {
      vanished = errno == ENOENT;
      return refuse(path, "cannot create this folder", errno);
    } else if (!fs::is_directory(path, error)) {
      vanished = !fs::exists(fs::symlink_status(path, error));
      return refuse(path, "is not a folder; choose another place with --out");
    }
  }
  return {};
}

Outcome create_folders(const fs::path& folder, CreatedFolders& created) {
  // Runs that share a parent folder and try it at the same time undo it from under each other while it is still empty.
  constexpr int tries_max = 100;
  bool vanished = false;
  Outcome outcome = create_folders_once(folder, created, vanished);
  for (int tries = 1; vanished && tries < tries_max; ++tries) outcome = create_folders_once(folder, created, vanished);
  return outcome;
}

Outcome write_synced(const fs::path& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file < 0) return refuse(path, "cannot create this file", errno);
  int failure = 0;
  while (!content.empty() && failure == 0) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written >= 0) {
      content.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      failure = errno;
    }
  }
  if (failure == 0 && ::fsync(file) != 0) failure = errno;
  if (::close(file) != 0 && failure == 0) failure = errno;
  if (failure != 0) return refuse(path, "cannot write this file", failure);
  return {};
}

/// Makes renames in the folder last. Some file systems cannot sync a directory; the files themselves are synced anyway.
void sync_folder(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

/// An existing folder is acceptable when it is empty but for our leftovers, or when its manifest says that it is ours.
Outcome check_existing(const fs::path& folder, OutputKind kind) {
  std::error_code error;
  if (fs::exists(folder / "manifest.json", error)) {
    const auto text = report::read_text_file(folder / "manifest.json");
    if (!text) return std::unexpected(text.error());
    const auto manifest = nlohmann::ordered_json::parse(*text, nullptr, false);
    const std::string format = manifest.is_object() && manifest.contains("format") && manifest["format"].is_string()
                                   ? manifest["format"].get<std::string>()
                                   : std::string();
    if (format == format_of(kind)) return {};
    if (format == format_of(OutputKind::run)) return refuse(folder, "holds a run, not a sweep; choose another --out");
    if (format == format_of(OutputKind::sweep)) return refuse(folder, "holds a sweep, not a run; choose another --out");
    return refuse(folder, "has a manifest.json that is not ours; choose another folder with --out");
  }
  fs::directory_iterator entries(folder, error);
  if (error) return refuse(folder, "cannot read this folder", error.value());
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (!(name.starts_with('.') && name.ends_with(".partial"))) {
      return refuse(folder, fmt::format("exists and is not output of ours (it holds '{}'); choose another folder with "
                                        "--out, or remove it",
                                        name));
    }
  }
  return {};
}

Outcome stage(const fs::path& folder, std::span<const OutputFile> files) {
  Outcome outcome;
  for (const OutputFile& file : files) {
    outcome = write_synced(folder / staged_name(file.name), file.content);
    if (!outcome) break;
  }
  if (!outcome) {
    for (const OutputFile& file : files) ::unlink((folder / staged_name(file.name)).c_str());
  }
  return outcome;
}

}  // namespace

std::expected<void, std::string> check_output_folder(const fs::path& folder, OutputKind kind) {
  if (folder.empty()) return std::unexpected(std::string("the name of the output folder is empty"));
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (fs::exists(status) && !fs::is_directory(status)) {
    return refuse(folder, "is not a folder; choose another place with --out");
  }
  if (fs::is_directory(status)) {
    if (Outcome outcome = check_existing(folder, kind); !outcome) return outcome;
  }
  // Permissions alone do not tell (read-only mounts, quotas, /proc): only trying does.
  CreatedFolders created;
  Outcome outcome = create_folders(folder, created);
  if (outcome) {
    const fs::path probe = folder / staged_name("probe");
    outcome = write_synced(probe, "probe\n");
    ::unlink(probe.c_str());
  }
  created.undo();
  return outcome;
}

std::expected<void, std::string> write_output_files(const fs::path& folder, std::span<const OutputFile> files,
                                                    OutputKind kind) {
  if (Outcome outcome = check_output_folder(folder, kind); !outcome) return outcome;
  CreatedFolders created;
  Outcome outcome = create_folders(folder, created);
  if (outcome) outcome = stage(folder, files);
  if (!outcome) {
    created.undo();
    return outcome;
  }
  const fs::path mark = folder / completeness_mark;
  if (::unlink(mark.c_str()) != 0 && errno != ENOENT) return refuse(mark, "cannot replace this file", errno);
  sync_folder(folder);
  for (const OutputFile& file : files) {
    // The mark must not outrun the other names to the disk.
    if (file.name == completeness_mark) sync_folder(folder);
    const fs::path target = folder / file.name;
    if (::rename((folder / staged_name(file.name)).c_str(), target.c_str()) != 0) {
      return refuse(target, "cannot replace this file", errno);
    }
  }
  sync_folder(folder);
  sync_folder(fs::absolute(folder).parent_path());
  return {};
}

std::expected<void, std::string> claim_output_folder(const fs::path& folder, nlohmann::ordered_json manifest,
                                                     OutputKind kind) {
  nlohmann::ordered_json named = {{"format", format_of(kind)}};
  named.update(manifest);
  named["format"] = format_of(kind);
  const OutputFile file{"manifest.json", json_text(named)};
  return write_output_files(folder, {&file, 1}, kind);
}

}  // namespace cicada::sim
