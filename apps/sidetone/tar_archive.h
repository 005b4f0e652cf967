// A .tar.gz of texts, as every system opens it (POSIX ustar, gzip).
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "base/expected.h"

struct gzFile_s;

namespace sidetone::app {

class TarArchive {
 public:
  // A new file, for its owner only. One that is there already stays as it is.
  static Expected<TarArchive> create(const std::string& path);
  TarArchive(TarArchive&& other) noexcept;
  TarArchive& operator=(TarArchive&&) = delete;
  ~TarArchive();  // of one that was not finished nothing stays

  // Names of more than 100 bytes are cut, at their beginning.
  Expected<void> add(std::string_view name, std::string_view content, std::time_t modified);
  Expected<void> finish();

 private:
  TarArchive(std::string path, gzFile_s* file) : path_(std::move(path)), file_(file) {}
  Expected<void> write(std::string_view bytes);

  std::string path_;
  gzFile_s* file_;
};

}  // namespace sidetone::app
