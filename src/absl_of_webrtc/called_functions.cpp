// The functions of Abseil that Debian 13's libtg_owt.a calls under a name that no package defines any more
// (cmake/webrtc_absl.cmake). Compiled with the archive's namespace mark; never part of another build.
#include <absl/base/internal/throw_delegate.h>
#include <absl/strings/match.h>
#include <absl/strings/string_view.h>
#include <absl/types/bad_optional_access.h>

#include <cstring>
#include <stdexcept>

namespace absl {
ABSL_NAMESPACE_BEGIN

string_view::size_type string_view::find(char c, size_type from) const noexcept {
  if (from >= size()) return npos;
  const auto* found = static_cast<const char*>(std::memchr(data() + from, c, size() - from));
  return found == nullptr ? npos : static_cast<size_type>(found - data());
}

string_view::size_type string_view::find_first_of(string_view set, size_type from) const noexcept {
  for (size_type at = from; at < size(); ++at)
    if (set.find((*this)[at], 0) != npos) return at;
  return npos;
}

bool EqualsIgnoreCase(string_view a, string_view b) noexcept {
  if (a.size() != b.size()) return false;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (string_view::size_type i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

namespace base_internal {
void ThrowStdOutOfRange(const char* what) { throw std::out_of_range(what); }
}  // namespace base_internal

namespace optional_internal {
void throw_bad_optional_access() {
  throw std::logic_error("an empty absl::optional was asked for its value");
}
}  // namespace optional_internal

ABSL_NAMESPACE_END
}  // namespace absl
