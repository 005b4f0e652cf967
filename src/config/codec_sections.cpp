#include "config/codec_sections.h"

#include "base/text.h"
#include "config/value.h"

namespace sidetone::config {
namespace {

const CodecSection* section_for(std::string_view item_name, const std::vector<CodecSection>& sections) {
  for (const auto& section : sections) {
    const std::string_view name = section.name;
    if (name.size() < item_name.size() || !iequals(name.substr(0, item_name.size()), item_name)) continue;
    if (name.size() == item_name.size() || name[item_name.size()] == '/') return &section;
  }
  return nullptr;
}

// Does the parameter list "pt=1,fmtp=..." name `key`, perhaps in short form (any prefix, "pt")?
bool has_key(std::string_view parameters, std::string_view key, std::string_view short_form) {
  for (const auto& parameter : split_list(parameters)) {
    const auto name = trim(std::string_view(parameter).substr(0, parameter.find('=')));
    if (iequals(name, short_form)) return true;
    if (!name.empty() && name.size() <= key.size() && iequals(key.substr(0, name.size()), name)) return true;
  }
  return false;
}

std::string merged_item(std::string_view item, const std::vector<CodecSection>& sections) {
  const auto equals = item.find('=');
  const auto name = trim(item.substr(0, equals));
  auto parameters = equals == std::string_view::npos ? std::string_view{} : trim(item.substr(equals + 1));
  const CodecSection* section = section_for(name, sections);
  const bool bracketed = parameters.starts_with('(') && parameters.ends_with(')') && parameters.size() >= 2;
  if (section == nullptr || (!parameters.empty() && !bracketed)) return std::string(item);
  if (bracketed) parameters = parameters.substr(1, parameters.size() - 2);
  std::string all(parameters);
  const auto append = [&all](std::string_view more) {
    if (!all.empty()) all += ',';
    all += more;
  };
  if (!section->payload_type.empty() && !has_key(parameters, "payload_type", "pt"))
    append("pt=" + section->payload_type);
  const bool quotable = section->fmtp.find('"') == std::string::npos;
  if (!section->fmtp.empty() && quotable && !has_key(parameters, "fmtp", "fmtp"))
    append("fmtp=\"" + section->fmtp + "\"");
  return all.empty() ? std::string(name) : std::string(name) + "=(" + all + ")";
}

}  // namespace

std::string merge_codec_sections(std::string_view enabled, const std::vector<CodecSection>& sections) {
  std::string out;
  for (const auto& item : split_list(enabled)) {
    if (!out.empty()) out += ',';
    out += merged_item(item, sections);
  }
  return out;
}

}  // namespace sidetone::config
