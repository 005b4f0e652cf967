// A small strict reader for the XML that event packages carry. It knows elements, attributes and text, and
// nothing that has ever hurt anybody: no DOCTYPE, no entities of the document's own, no external anything.
// Views point into the document; text with entities in it is unescaped by its user.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/expected.h"

namespace sidetone::sip {

class XmlReader {
 public:
  // Bounds: dialog-info of a busy line has some kilobytes and six levels.
  static constexpr std::size_t bytes_max = 65535;
  static constexpr std::size_t depth_max = 16;
  static constexpr std::size_t attributes_max = 16;

  explicit XmlReader(std::string_view document) : rest_(document), too_long_(document.size() > bytes_max) {}

  enum class Kind : std::uint8_t { start, end, text, done };
  // The next one; an empty element gives start and end. After a failure it must not be asked again.
  Expected<Kind> next();

  // Of start and end: the name without its prefix.
  [[nodiscard]] std::string_view name() const { return name_; }
  // Of start; empty when absent. Names are compared without prefix.
  [[nodiscard]] std::string attribute(std::string_view name) const;
  [[nodiscard]] bool has_attribute(std::string_view name) const;
  [[nodiscard]] std::string text() const { return unescape(text_); }
  [[nodiscard]] std::size_t depth() const { return open_.size(); }

  // The five named entities and character references; others stay as they are.
  [[nodiscard]] static std::string unescape(std::string_view text);
  [[nodiscard]] static std::string escape(std::string_view text);

 private:
  Expected<Kind> start_tag();
  Expected<Kind> end_tag();
  Expected<void> attributes(std::string_view tag);
  bool skip_markup();  // comments, processing instructions

  std::string_view rest_;
  bool too_long_ = false, empty_element_ = false, seen_root_ = false;
  std::string_view name_, text_;
  std::vector<std::pair<std::string_view, std::string_view>> attributes_;
  std::vector<std::string_view> open_;
};

}  // namespace sidetone::sip
