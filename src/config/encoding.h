// Files as editors on other systems save them.
#pragma once

#include <string>
#include <string_view>

namespace sidetone::config {

// UTF-16 with its byte order mark (Notepad's "Unicode"), and what declares itself as ISO-8859-1 or
// windows-1252, as UTF-8; anything else as it is. What is no text in its own encoding becomes something that
// is no UTF-8, which guard_xml() refuses.
[[nodiscard]] std::string as_utf8(std::string_view bytes);

}  // namespace sidetone::config
