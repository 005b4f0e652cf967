// RFC 2046 §5.1 as SIP uses it (RFC 5621 §3).
#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/headers.h"
#include "sip/message/read.h"

namespace sidetone::sip {
namespace {

constexpr std::size_t parts_max = 16;     // bound: the largest seen in the field has four
constexpr std::size_t boundary_max = 70;  // RFC 2046 §5.1.1

// One line without its end; `text` moves behind it.
std::string_view take_line(std::string_view& text) {
  std::string_view line = take_until(text, '\n');
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// The line break before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).
std::string_view without_last_break(std::string_view body) {
  if (!body.empty() && body.back() == '\n') body.remove_suffix(1);
  if (!body.empty() && body.back() == '\r') body.remove_suffix(1);
  return body;
}

enum class LineKind { other, delimiter, closing };

LineKind kind_of(std::string_view line, std::string_view boundary) {
  if (line.size() < boundary.size() + 2 || line.substr(0, 2) != "--" ||
      line.substr(2, boundary.size()) != boundary)
    return LineKind::other;
  const std::string_view rest = line.substr(2 + boundary.size());
  if (trim(rest).empty()) return LineKind::delimiter;
  return rest.substr(0, 2) == "--" && trim(rest.substr(2)).empty() ? LineKind::closing : LineKind::other;
}

BodyPart read_part(std::string_view text) {
  BodyPart part;
  std::string_view* folded_into = nullptr;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      // A folded value stays one view; white space in it counts as such.
      if (folded_into != nullptr)
        *folded_into = {folded_into->data(),
                        static_cast<std::size_t>(line.data() + line.size() - folded_into->data())};
      continue;
    }
    folded_into = nullptr;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto id = find_header(trim(line.substr(0, colon)));
    if (id == HeaderId::content_type) folded_into = &part.content_type;
    if (id == HeaderId::content_disposition) folded_into = &part.content_disposition;
    if (folded_into != nullptr) *folded_into = trim(line.substr(colon + 1));
  }
  part.body = text;
  return part;
}

}  // namespace

Expected<std::vector<BodyPart>> split_multipart(std::string_view content_type, std::string_view body) {
  const auto type = TokenParams::parse(content_type);
  if (!type || !is_media_type(type->token, "multipart/*"))
    return fail(Layer::sip, Fault::unsupported, "the body is not a multipart one");
  const std::string_view boundary = type->params.get("boundary");
  if (boundary.empty() || boundary.size() > boundary_max)
    return fail(Layer::sip, Fault::syntax, "Content-Type has no proper boundary");

  std::vector<BodyPart> parts;
  const char* const body_end = body.data() + body.size();
  const char* part_begin = nullptr;
  std::string_view rest = body;
  while (true) {
    const bool at_end = rest.empty();
    const char* line_begin = at_end ? body_end : rest.data();
    const LineKind kind = at_end ? LineKind::closing : kind_of(take_line(rest), boundary);
    if (kind == LineKind::other) continue;
    if (part_begin != nullptr) {
      if (parts.size() == parts_max) return fail(Layer::sip, Fault::limit, "the body has more than 16 parts");
      const std::string_view text(part_begin, static_cast<std::size_t>(line_begin - part_begin));
      // A body that ends without its closing delimiter is taken as it is.
      parts.push_back(read_part(at_end ? text : without_last_break(text)));
    }
    if (kind == LineKind::closing) break;
    part_begin = rest.empty() ? body_end : rest.data();
  }
  if (parts.empty()) return fail(Layer::sip, Fault::syntax, "the multipart body has no part");
  return parts;
}

}  // namespace sidetone::sip
