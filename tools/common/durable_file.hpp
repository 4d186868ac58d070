#pragma once
/// Files that a power cut cannot tear: written beside, flushed to the disk, renamed, and the folder flushed too. All
/// functions throw std::system_error, which names the path. What fails leaves what was there before, and nothing else.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cicada::tool {

/// Replaces `path` as a whole. At any moment there is either what was there before or `contents`. `mode` as in chmod.
void write_durably(const std::filesystem::path& path, std::string_view contents, unsigned mode = 0600);

/// Like `write_durably`, but fails with EEXIST where the file is there already.
void create_durably(const std::filesystem::path& path, std::string_view contents, unsigned mode = 0600);

/// Like `write_durably`, and keeps what was there before as `older`.
void replace_durably(const std::filesystem::path& path, const std::filesystem::path& older, std::string_view contents,
                     unsigned mode = 0600);

/// Nothing where there is no such file. At most 16 MiB; more is an error.
std::optional<std::string> read_if_exists(const std::filesystem::path& path);

/// Makes the folder (with its parents) where it is missing, for its user alone. The mode of an existing folder is never
/// changed: one that belongs to another user, or that others may write to, is an error.
void make_private_folder(const std::filesystem::path& path);

}  // namespace cicada::tool
