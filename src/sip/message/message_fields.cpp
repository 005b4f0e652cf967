// Looking up and editing the header fields of a message.
#include <algorithm>

#include "base/assert.h"
#include "base/text.h"
#include "sip/message/block.h"
#include "sip/message/message.h"

namespace sidetone::sip {
namespace {

bool same_header(const HeaderField& a, const HeaderField& b) {
  return a.id == b.id && (a.id != HeaderId::other || iequals(a.name, b.name));
}

// The element without its parameters: "application/sdp;q=0.5" lists application/sdp.
std::string_view without_params(std::string_view element) { return trim(take_until(element, ';')); }

}  // namespace

const HeaderField* Message::find(HeaderId id) const {
  for (const HeaderField& field : fields_)
    if (field.id == id) return &field;
  return nullptr;
}

const HeaderField* Message::find(std::string_view name) const {
  const HeaderId id = find_header(name);
  if (id != HeaderId::other) return find(id);
  for (const HeaderField& field : fields_)
    if (field.id == HeaderId::other && iequals(field.name, name)) return &field;
  return nullptr;
}

std::string_view Message::value(HeaderId id) const {
  const HeaderField* field = find(id);
  return field != nullptr ? field->value : std::string_view{};
}

std::vector<std::string_view> Message::values(HeaderId id) const {
  std::vector<std::string_view> values;
  for (const HeaderField& field : fields_)
    if (field.id == id) values.push_back(field.value);
  return values;
}

bool Message::lists(HeaderId id, std::string_view token) const {
  for (const HeaderField& field : fields_) {
    if (field.id != id) continue;
    // Parsed fields hold one element; those that were added may hold several.
    std::string_view rest = field.value;
    while (!rest.empty())
      if (iequals(without_params(take_until(rest, ',')), token)) return true;
  }
  return false;
}

void Message::insert_behind_same(HeaderField field) {
  const auto last = std::find_if(fields_.rbegin(), fields_.rend(),
                                 [&field](const HeaderField& known) { return same_header(known, field); });
  if (last == fields_.rend())
    fields_.push_back(field);
  else
    fields_.insert(last.base(), field);
}

void Message::add(HeaderId id, std::string_view value) {
  ST_ASSERT(id != HeaderId::other);
  insert_behind_same(keep_line(id, canonical_name(id), value));
}

void Message::add(std::string_view name, std::string_view value) {
  insert_behind_same(keep_line(find_header(name), name, value));
}

void Message::add_first(HeaderId id, std::string_view value) {
  ST_ASSERT(id != HeaderId::other);
  const HeaderField field = keep_line(id, canonical_name(id), value);
  const auto first =
      std::find_if(fields_.begin(), fields_.end(), [id](const HeaderField& known) { return known.id == id; });
  // A header that is new comes to the top: that is where proxies look for Via and routes (RFC 3261 §7.3.1).
  fields_.insert(first == fields_.end() ? fields_.begin() : first, field);
}

void Message::set(HeaderId id, std::string_view value) {
  ST_ASSERT(id != HeaderId::other);
  const HeaderField field = keep_line(id, canonical_name(id), value);
  const auto first =
      std::find_if(fields_.begin(), fields_.end(), [id](const HeaderField& known) { return known.id == id; });
  if (first == fields_.end()) {
    fields_.push_back(field);
    return;
  }
  *first = field;
  fields_.erase(
      std::remove_if(first + 1, fields_.end(), [id](const HeaderField& known) { return known.id == id; }),
      fields_.end());
}

void Message::replace_first(HeaderId id, std::string_view value) {
  const auto first =
      std::find_if(fields_.begin(), fields_.end(), [id](const HeaderField& known) { return known.id == id; });
  ST_ASSERT(first != fields_.end());
  *first = keep_line(id, canonical_name(id), value);
}

void Message::remove(HeaderId id) {
  std::erase_if(fields_, [id](const HeaderField& field) { return field.id == id; });
}

void Message::remove_first(HeaderId id) {
  const auto first =
      std::find_if(fields_.begin(), fields_.end(), [id](const HeaderField& known) { return known.id == id; });
  if (first != fields_.end()) fields_.erase(first);
}

}  // namespace sidetone::sip
