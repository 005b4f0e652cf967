#include "config/load_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "config/document.h"

namespace sidetone::config {
namespace {

ReadResult unreadable(const std::string& path, int error) {
  ReadResult result;
  result.problems.push_back({Severity::error,
                             path,
                             0,
                             {},
                             "the file cannot be read: " + std::generic_category().message(error),
                             "check the name and its permissions"});
  return result;
}

// A password that every user of the machine can read is none.
void warn_of_readers(std::FILE& file, const std::string& path, ReadResult& result) {
  struct stat status{};
  const auto secrets = result.configuration.secrets_of(path);
  if (secrets.empty() || ::fstat(::fileno(&file), &status) != 0) return;
  constexpr mode_t others = S_IRGRP | S_IROTH;
  if ((status.st_mode & others) == 0) return;
  result.problems.push_back(
      {Severity::warning, path, 0, secrets.front(),
       fmt::format("stands in a file that others may read (mode {:04o})", status.st_mode & 07777),
       "chmod 600, or give it as a credential or in the environment"});
}

}  // namespace

ReadResult load_file(const std::string& path, const std::vector<Override>& overrides) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return unreadable(path, errno);
  std::string text(2 * file_size_max + 8, '\0');  // room for a byte order mark and for one byte too many
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return unreadable(path, errno != 0 ? errno : EIO);
  auto result = read_configuration(text, path, overrides);
  warn_of_readers(*file, path, result);
  return result;
}

}  // namespace sidetone::config
