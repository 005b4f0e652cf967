// Parts of a message as text, for the rows' expectations.
#pragma once

#include <fmt/format.h>

#include "row.h"
#include "sip/message/headers.h"

namespace sidetone::torture {

inline Value method(std::string expected) {
  return {"method", [](const sip::Message& m) { return std::string(m.method_name()); }, std::move(expected)};
}
inline Value phrase(std::string expected) {
  return {"reason", [](const sip::Message& m) { return std::string(m.reason()); }, std::move(expected)};
}
inline Value uri_user(std::string expected) {
  return {"user of the Request-URI",
          [](const sip::Message& m) {
            const auto uri = sip::Uri::parse(m.request_uri());
            return uri ? sip::unescape(uri->user) : std::string("not a URI");
          },
          std::move(expected)};
}
inline Value uri_host(std::string expected) {
  return {"host and port of the Request-URI",
          [](const sip::Message& m) {
            const auto uri = sip::Uri::parse(m.request_uri());
            return uri ? fmt::format("{} {}", uri->host, uri->port) : std::string("not a URI");
          },
          std::move(expected)};
}
// A header by its name, all of its values.
inline Value header(std::string name, std::string expected) {
  return {name,
          [name](const sip::Message& m) {
            std::vector<std::string> found;
            const auto* first = m.find(std::string_view(name));
            for (const auto& field : m.fields())
              if (first != nullptr &&
                  (field.id == sip::HeaderId::other ? field.name == first->name : field.id == first->id))
                found.emplace_back(field.value);
            return fmt::format("{}", fmt::join(found, " | "));
          },
          std::move(expected)};
}
inline Value count(sip::HeaderId id, std::size_t expected) {
  return {fmt::format("number of {}", sip::canonical_name(id)),
          [id](const sip::Message& m) { return std::to_string(m.values(id).size()); },
          std::to_string(expected)};
}
inline Value cseq_number(std::uint32_t expected) {
  return {"CSeq number",
          [](const sip::Message& m) {
            const auto cseq = sip::CSeq::parse(m.value(sip::HeaderId::cseq));
            return cseq ? std::to_string(cseq->number) : std::string("none");
          },
          std::to_string(expected)};
}
// A part of the first value of an address header.
inline Value address(sip::HeaderId id, std::string what,
                     std::function<std::string(const sip::NameAddr&)> read, std::string expected) {
  return {fmt::format("{} of {}", what, sip::canonical_name(id)),
          [id, read = std::move(read)](const sip::Message& m) {
            const auto parsed = sip::NameAddr::parse(m.value(id));
            return parsed ? read(*parsed) : std::string("not an address");
          },
          std::move(expected)};
}
inline Value tag(sip::HeaderId id, std::string expected) {
  return address(id, "tag", [](const sip::NameAddr& a) { return std::string(a.tag()); }, std::move(expected));
}
inline Value display(sip::HeaderId id, std::string expected) {
  return address(
      id, "display name", [](const sip::NameAddr& a) { return sip::unescape_quoted(a.display); },
      std::move(expected));
}
inline Value user(sip::HeaderId id, std::string expected) {
  return address(
      id, "user", [](const sip::NameAddr& a) { return sip::unescape(a.uri.user); }, std::move(expected));
}
inline Value host(sip::HeaderId id, std::string expected) {
  return address(
      id, "host", [](const sip::NameAddr& a) { return std::string(a.uri.host); }, std::move(expected));
}
// A parameter behind the URI, or one of the URI; "(none)" when it is not there.
inline Value header_param(sip::HeaderId id, std::string name, std::string expected) {
  return address(
      id, "parameter " + name,
      [name](const sip::NameAddr& a) {
        return a.params.has(name) ? std::string(a.params.get(name)) : std::string("(none)");
      },
      std::move(expected));
}
inline Value uri_param(sip::HeaderId id, std::string name, std::string expected) {
  return address(
      id, "URI parameter " + name,
      [name](const sip::NameAddr& a) {
        return a.uri.params.has(name) ? std::string(a.uri.params.get(name)) : std::string("(none)");
      },
      std::move(expected));
}
inline Value uri_headers(sip::HeaderId id, std::string expected) {
  return address(
      id, "URI headers", [](const sip::NameAddr& a) { return std::string(a.uri.headers); },
      std::move(expected));
}
// transport host:port of every Via.
inline Value vias(std::string expected) {
  return {"Vias",
          [](const sip::Message& m) {
            std::vector<std::string> found;
            for (const auto value : m.values(sip::HeaderId::via)) {
              const auto via = sip::Via::parse(value);
              found.push_back(via ? fmt::format("{} {}:{}", via->transport, via->host, via->port) : "broken");
            }
            return fmt::format("{}", fmt::join(found, ", "));
          },
          std::move(expected)};
}
inline Value branch(std::string expected) {
  return {"branch",
          [](const sip::Message& m) {
            const auto via = sip::Via::parse(m.value(sip::HeaderId::via));
            return via ? std::string(via->branch()) : std::string("broken");
          },
          std::move(expected)};
}
inline Value received(std::string expected) {
  return {"received",
          [](const sip::Message& m) {
            const auto via = sip::Via::parse(m.value(sip::HeaderId::via));
            return via ? std::string(via->received()) : std::string("broken");
          },
          std::move(expected)};
}
inline Value body_bytes(std::size_t expected) {
  return {"bytes of the body", [](const sip::Message& m) { return std::to_string(m.body().size()); },
          std::to_string(expected)};
}
inline Value body_parts(std::string expected) {
  return {"parts of the body",
          [](const sip::Message& m) {
            const auto parts = sip::split_multipart(m.value(sip::HeaderId::content_type), m.body());
            if (!parts) return std::string("none");
            std::vector<std::string> found;
            for (const auto& part : *parts)
              found.push_back(fmt::format("{} {}", part.content_type, part.body.size()));
            return fmt::format("{}", fmt::join(found, ", "));
          },
          std::move(expected)};
}

}  // namespace sidetone::torture
