#include "config/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>

#include "base/text.h"
#include "config/option.h"
#include "config/xml_guard.h"

namespace sidetone::config {
namespace {

constexpr std::size_t name_length_max = 128;
constexpr std::size_t value_length_max = 4096;
constexpr std::size_t section_depth_max = 2;  // section and sub-section (mailbox, nat)

// Offsets to lines, by the positions of the newlines.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') newlines_.push_back(static_cast<std::ptrdiff_t>(i));
  }
  [[nodiscard]] std::size_t line_of(std::ptrdiff_t offset) const {
    const auto at = std::lower_bound(newlines_.begin(), newlines_.end(), offset);
    return 1 + static_cast<std::size_t>(at - newlines_.begin());
  }

 private:
  std::vector<std::ptrdiff_t> newlines_;
};

// Names count without namespace prefix: files come with either namespace or none.
std::string_view local_name(std::string_view name) { return name.substr(name.rfind(':') + 1); }

bool is(const pugi::xml_node& node, std::string_view name) { return iequals(local_name(node.name()), name); }

pugi::xml_attribute attribute(const pugi::xml_node& node, std::string_view name) {
  for (const auto& each : node.attributes())
    if (iequals(each.name(), name)) return each;
  return {};
}

class Reader {
 public:
  Reader(std::string_view text, ProblemList& problems) : lines_(text), problems_(problems) {}

  RawDocument read(const pugi::xml_document& document) && {
    const auto root = document.document_element();
    if (!is(root, "SipEndpoint")) {
      problems_.error(line(root), {},
                      fmt::format("the root element is {}, not SipEndpoint", shown(root.name())),
                      "is this the right file?");
      return {};
    }
    for (auto next = root.next_sibling(); next; next = next.next_sibling())
      if (next.type() == pugi::node_element)
        problems_.error(line(next), {}, "there is a second root element", "keep one SipEndpoint element");
    for (const auto& child : elements(root)) read_container(child);
    return std::move(out_);
  }

 private:
  static std::vector<pugi::xml_node> elements(const pugi::xml_node& parent) {
    std::vector<pugi::xml_node> out;
    for (const auto& child : parent.children())
      if (child.type() == pugi::node_element) out.push_back(child);
    return out;
  }
  static std::string shown(std::string_view text) {
    return fmt::format("'{}'", text.substr(0, name_length_max));
  }
  std::size_t line(const pugi::xml_node& node) const { return lines_.line_of(node.offset_debug()); }

  void unexpected(const pugi::xml_node& node, std::string_view where, std::string_view expected) {
    problems_.warning(line(node), {},
                      fmt::format("element {} inside {} is not read", shown(node.name()), where),
                      fmt::format("expected: {}", expected));
  }

  // The name attribute of a container, domain, section or setting.
  std::string name_of(const pugi::xml_node& node) {
    const auto name = trim(attribute(node, "name").value());
    if (!name.empty() && name.size() <= name_length_max) return canonical_name(name);
    problems_.error(line(node), {}, fmt::format("element {} has no usable name", shown(node.name())),
                    "give it name=\"...\"");
    return {};
  }
  // A dot or colon would make one name look like two.
  static std::string canonical_name(std::string_view name) {
    std::string out;
    for (const char c : name) out += c == '.' || c == ':' ? '_' : ascii_lower(c);
    return out;
  }

  void read_container(const pugi::xml_node& node) {
    if (!is(node, "Container")) return unexpected(node, "SipEndpoint", "Container");
    const std::string name = name_of(node);
    if (name.empty()) return;
    if (name == "basic") {
      for (const auto& child : elements(node)) read_connectivity(child);
    } else if (name == "genesys") {
      for (const auto& child : elements(node)) read_settings(child);
    } else if (name == "cp") {
      problems_.warning(line(node), {}, "container Cp belongs to release 8.1 and is not read",
                        "move its settings to a Genesys container");
    } else {
      problems_.warning(line(node), {}, fmt::format("container {} is unknown and not read", shown(name)),
                        "did you mean Basic or Genesys?");
    }
  }

  void read_connectivity(const pugi::xml_node& node) {
    if (!is(node, "Connectivity")) return unexpected(node, "container Basic", "Connectivity");
    RawConnectivity out;
    out.line = line(node);
    for (const auto& each : node.attributes()) {
      const auto name = local_name(each.name());
      const auto take = [&](std::string& to, bool& has) {
        if (has) problems_.error(out.line, {}, fmt::format("attribute {} is given twice", shown(name)));
        to = trim(each.value());
        has = true;
      };
      if (iequals(name, "user"))
        take(out.user, out.has_user);
      else if (iequals(name, "server"))
        take(out.server, out.has_server);
      else if (iequals(name, "protocol"))
        take(out.protocol, out.has_protocol);
      else if (iequals(name, "sip-proxy-address"))
        problems_.warning(out.line, "connectivity.sip-proxy-address", "is part of server, not an attribute",
                          "write server=\"gateway:port?sip-proxy-address=host:port\"");
      else if (!std::string_view(each.name()).starts_with("xmlns"))
        problems_.warning(out.line, {}, fmt::format("Connectivity has no attribute {}", shown(name)),
                          "expected: user, server, protocol");
    }
    out_.connectivities.push_back(std::move(out));
  }

  void read_settings(const pugi::xml_node& node) {
    if (!is(node, "settings")) return unexpected(node, "container Genesys", "settings");
    for (const auto& domain : elements(node)) {
      if (!is(domain, "domain")) {
        unexpected(domain, "settings", "domain");
        continue;
      }
      const std::string name = name_of(domain);
      if (name.empty()) continue;
      for (const auto& section : elements(domain)) {
        if (is(section, "section"))
          read_section(section, name, 1);
        else
          unexpected(section, "a domain", "section");
      }
    }
  }

  void read_section(const pugi::xml_node& node, const std::string& parent, std::size_t depth) {
    const std::string name = name_of(node);
    if (name.empty()) return;
    const std::string path = parent + "." + name;
    out_.sections.insert(path);
    for (const auto& child : elements(node)) {
      if (is(child, "setting"))
        read_setting(child, path);
      else if (!is(child, "section"))
        unexpected(child, "a section", "setting or section");
      else if (depth < section_depth_max)
        read_section(child, path, depth + 1);
      else
        problems_.warning(line(child), path, "sections are nested too deeply; this one is not read");
    }
  }

  void read_setting(const pugi::xml_node& node, const std::string& section) {
    const std::string name = name_of(node);
    if (name.empty()) return;
    RawSetting out{section + "." + name, {}, line(node), {}};
    const auto value = attribute(node, "value");
    if (!value) {
      problems_.error(out.line, out.path, "the setting has no value", "give it value=\"...\"");
      return;
    }
    out.text = value.value();
    if (out.text.size() > value_length_max) {
      problems_.error(out.line, out.path, fmt::format("the value has more than {} bytes", value_length_max));
      return;
    }
    out_.settings.push_back(std::move(out));
  }

  LineIndex lines_;
  ProblemList& problems_;
  RawDocument out_;
};

}  // namespace

RawDocument read_document(std::string_view text, ProblemList& problems) {
  if (!guard_xml(text, problems)) return {};
  pugi::xml_document document;
  // No document types, no processing instructions, no comments: parse_default keeps none of them.
  const auto result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!result) {
    problems.error(LineIndex(text).line_of(result.offset), {},
                   fmt::format("the XML is broken here: {}", result.description()),
                   "look for a missing quote, '>' or closing tag at or before this line");
    return {};
  }
  return Reader(text, problems).read(document);
}

}  // namespace sidetone::config
