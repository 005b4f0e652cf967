#include "sip/subscription/xml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace sidetone::sip {
namespace {

tl::unexpected<Error> bad(std::string_view wrong) {
  return fail(Layer::sip, Fault::syntax, fmt::format("XML: {}", wrong));
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
  });
}

std::string_view without_prefix(std::string_view name) { return name.substr(name.find(':') + 1); }

std::string_view take_word(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && !is_space(text[size]) && text[size] != '=') ++size;
  const auto word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0U | code >> 6U);
    put(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    put(0xe0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3fU));
    put(0x80U | (code & 0x3fU));
  } else {
    put(0xf0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3fU));
    put(0x80U | (code >> 6U & 0x3fU));
    put(0x80U | (code & 0x3fU));
  }
}

// "#65" or "#x41"
std::optional<std::uint32_t> character_of(std::string_view reference) {
  reference.remove_prefix(1);
  std::uint32_t code = 0;
  const bool hex = !reference.empty() && reference.front() == 'x';
  if (hex) reference.remove_prefix(1);
  const auto [end, error] =
      std::from_chars(reference.data(), reference.data() + reference.size(), code, hex ? 16 : 10);
  const bool whole = error == std::errc{} && end == reference.data() + reference.size();
  const bool is_character = code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  if (!whole || reference.empty() || !is_character) return std::nullopt;
  return code;
}

bool append_entity(std::string& out, std::string_view entity) {
  constexpr std::pair<std::string_view, char> named[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [name, character] : named)
    if (entity == name) return out.push_back(character), true;
  if (entity.empty() || entity.front() != '#') return false;
  const auto code = character_of(entity);
  if (code) append_utf8(out, *code);
  return code.has_value();
}

}  // namespace

std::string XmlReader::unescape(std::string_view text) {
  constexpr std::size_t entity_bytes_max = 10;
  std::string out;
  while (!text.empty()) {
    const auto plain = text.substr(0, text.find('&'));
    out += plain;
    text.remove_prefix(plain.size());
    if (text.empty()) break;
    const auto end = text.substr(0, entity_bytes_max).find(';');
    if (end != std::string_view::npos && append_entity(out, text.substr(1, end - 1))) {
      text.remove_prefix(end + 1);
    } else {
      out.push_back('&');
      text.remove_prefix(1);
    }
  }
  return out;
}

std::string XmlReader::escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      // XML has no way to say a control character.
      default: out.push_back(static_cast<unsigned char>(c) < 0x20 && !is_space(c) ? ' ' : c);
    }
  }
  return out;
}

bool XmlReader::has_attribute(std::string_view name) const {
  return std::any_of(attributes_.begin(), attributes_.end(),
                     [&](const auto& known) { return without_prefix(known.first) == name; });
}

std::string XmlReader::attribute(std::string_view name) const {
  for (const auto& [known, value] : attributes_)
    if (without_prefix(known) == name) return unescape(value);
  return {};
}

bool XmlReader::skip_markup() {
  const auto skip = [this](std::string_view open, std::string_view close) {
    if (!rest_.starts_with(open)) return false;
    const auto end = rest_.find(close, open.size());
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + close.size());
    return true;
  };
  return skip("<!--", "-->") || skip("<?", "?>");
}

Expected<XmlReader::Kind> XmlReader::next() {
  if (too_long_) return bad("is longer than 64 kB");
  if (empty_element_) {
    empty_element_ = false;
    name_ = without_prefix(open_.back());
    open_.pop_back();
    return Kind::end;
  }
  while (true) {
    const auto text = rest_.substr(0, rest_.find('<'));
    rest_.remove_prefix(text.size());
    if (!trim(text).empty()) {
      // A byte order mark may stand before the document.
      if (open_.empty() && !(text.starts_with("\xef\xbb\xbf") && !seen_root_))
        return bad("has text outside of its element");
      if (!open_.empty()) {
        text_ = text;
        return Kind::text;
      }
    }
    if (rest_.empty()) {
      if (!open_.empty() || !seen_root_) return bad("ends too early");
      return Kind::done;
    }
    if (skip_markup()) continue;
    if (rest_.starts_with("<!")) return bad("has a DOCTYPE or CDATA, which no event package needs");
    return rest_.starts_with("</") ? end_tag() : start_tag();
  }
}

Expected<XmlReader::Kind> XmlReader::start_tag() {
  if (open_.empty() && seen_root_) return bad("has two roots");
  // A '>' may stand inside a quoted value.
  std::size_t end = 1;
  char quote = 0;
  for (; end < rest_.size(); ++end) {
    const char c = rest_[end];
    if (quote != 0)
      quote = c == quote ? 0 : quote;
    else if (c == '"' || c == '\'')
      quote = c;
    else if (c == '>')
      break;
  }
  if (end == rest_.size()) return bad("has a tag without end");
  auto tag = rest_.substr(1, end - 1);
  rest_.remove_prefix(end + 1);
  empty_element_ = !tag.empty() && tag.back() == '/';
  if (empty_element_) tag.remove_suffix(1);
  const auto name = take_word(tag);
  if (!is_name(name)) return bad("has an element without a name");
  if (open_.size() >= depth_max) return bad("is nested too deeply");
  if (const auto read = attributes(tag); !read) return tl::make_unexpected(read.error());
  open_.push_back(name);
  seen_root_ = true;
  name_ = without_prefix(name);
  return Kind::start;
}

Expected<void> XmlReader::attributes(std::string_view tag) {
  attributes_.clear();
  for (tag = trim(tag); !tag.empty(); tag = trim(tag)) {
    const auto name = take_word(tag);
    tag = trim(tag);
    if (!is_name(name) || tag.empty() || tag.front() != '=') return bad("has an attribute without value");
    tag = trim(tag.substr(1));
    if (tag.empty() || (tag.front() != '"' && tag.front() != '\'')) return bad("has a value without quotes");
    const auto end = tag.find(tag.front(), 1);
    if (end == std::string_view::npos) return bad("has a value without end");
    if (attributes_.size() >= attributes_max) return bad("has too many attributes");
    attributes_.emplace_back(name, tag.substr(1, end - 1));
    tag.remove_prefix(end + 1);
  }
  return {};
}

Expected<XmlReader::Kind> XmlReader::end_tag() {
  const auto end = rest_.find('>');
  if (end == std::string_view::npos) return bad("has a tag without end");
  const auto name = trim(rest_.substr(2, end - 2));
  rest_.remove_prefix(end + 1);
  if (open_.empty() || open_.back() != name) return bad("closes an element that is not open");
  name_ = without_prefix(open_.back());
  open_.pop_back();
  return Kind::end;
}

}  // namespace sidetone::sip
