#include "config/load_file.h"

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

}  // namespace

ReadResult load_file(const std::string& path, const std::vector<Override>& overrides) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return unreadable(path, errno);
  std::string text(file_size_max + 8, '\0');  // room for a byte order mark and for one byte too many
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return unreadable(path, errno != 0 ? errno : EIO);
  return read_configuration(text, path, overrides);
}

}  // namespace sidetone::config
