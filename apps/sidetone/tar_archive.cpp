#include "tar_archive.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

namespace sidetone::app {
namespace {

constexpr std::size_t block_bytes = 512;

// POSIX.1-2017, pax, "ustar Interchange Format".
struct Header {
  std::array<char, 100> name{};
  std::array<char, 8> mode{}, uid{}, gid{};
  std::array<char, 12> size{}, mtime{};
  std::array<char, 8> checksum{};
  char type = '0';
  std::array<char, 100> link{};
  std::array<char, 6> magic{'u', 's', 't', 'a', 'r', '\0'};
  std::array<char, 2> version{'0', '0'};
  std::array<char, 32> user{}, group{};
  std::array<char, 8> major{}, minor{};
  std::array<char, 155> prefix{};
  std::array<char, 12> rest{};
};
static_assert(sizeof(Header) == block_bytes);

template <std::size_t n>
void put_octal(std::array<char, n>& field, std::uint64_t value) {
  const auto text = fmt::format("{:0{}o}", value, n - 1);
  std::copy_n(text.begin(), std::min(text.size(), n - 1), field.begin());
}

std::string header_of(std::string_view name, std::size_t size, std::time_t modified) {
  Header header;
  if (name.size() > header.name.size()) name.remove_prefix(name.size() - header.name.size());
  std::copy(name.begin(), name.end(), header.name.begin());
  put_octal(header.mode, 0600);
  put_octal(header.uid, 0);
  put_octal(header.gid, 0);
  put_octal(header.size, size);
  put_octal(header.mtime, static_cast<std::uint64_t>(std::max<std::time_t>(modified, 0)));
  header.checksum.fill(' ');
  std::string bytes(block_bytes, '\0');
  std::memcpy(bytes.data(), &header, block_bytes);
  std::uint64_t sum = 0;
  for (const char c : bytes) sum += static_cast<unsigned char>(c);
  put_octal(header.checksum, sum);
  header.checksum[6] = '\0';
  const auto six = fmt::format("{:06o}", sum);
  std::copy_n(six.begin(), 6, header.checksum.begin());
  header.checksum[7] = ' ';
  std::memcpy(bytes.data(), &header, block_bytes);
  return bytes;
}

tl::unexpected<Error> failed(const std::string& path, int error) {
  return fail(Layer::engine, Fault::io, fmt::format("'{}': {}", path, std::generic_category().message(error)),
              error == EEXIST ? "name another file with --out"
                              : "choose a folder that may be written to, with --out");
}

}  // namespace

Expected<TarArchive> TarArchive::create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return failed(path, errno);
  gzFile file = ::gzdopen(descriptor, "wb");
  if (file == nullptr) {
    ::close(descriptor);
    return failed(path, ENOMEM);
  }
  return TarArchive(path, file);
}

TarArchive::TarArchive(TarArchive&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, nullptr)) {}

TarArchive::~TarArchive() {
  if (file_ == nullptr) return;
  ::gzclose(file_);
  ::unlink(path_.c_str());
}

Expected<void> TarArchive::write(std::string_view bytes) {
  constexpr std::size_t part_max = 1 << 20;  // zlib counts in int
  while (!bytes.empty()) {
    const auto part = bytes.substr(0, part_max);
    if (::gzwrite(file_, part.data(), static_cast<unsigned>(part.size())) != static_cast<int>(part.size()))
      return failed(path_, errno != 0 ? errno : EIO);
    bytes.remove_prefix(part.size());
  }
  return {};
}

Expected<void> TarArchive::add(std::string_view name, std::string_view content, std::time_t modified) {
  if (auto written = write(header_of(name, content.size(), modified)); !written) return written;
  if (auto written = write(content); !written) return written;
  return write(std::string((block_bytes - content.size() % block_bytes) % block_bytes, '\0'));
}

Expected<void> TarArchive::finish() {
  if (auto written = write(std::string(2 * block_bytes, '\0')); !written) return written;
  if (::gzclose(std::exchange(file_, nullptr)) == Z_OK) return {};
  const int error = errno;
  ::unlink(path_.c_str());
  return failed(path_, error != 0 ? error : EIO);
}

}  // namespace sidetone::app
