// First byte: a reader; the rest: what an event package, a REFER or a registrar's answer carries. What is
// read obeys its bounds, and, written again, is read as the same.
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "script.h"
#include "sip/message/headers.h"
#include "sip/refer/refer_to.h"
#include "sip/refer/sipfrag.h"
#include "sip/refer/target_dialog.h"
#include "sip/registration/service_route.h"
#include "sip/subscription/dialog_info.h"
#include "sip/subscription/message_summary.h"
#include "sip/subscription/xml_reader.h"

namespace {

using namespace sidetone;
using namespace sidetone::sip;
using fuzz::is_inside;

bool has_line_end(std::string_view text) { return text.find_first_of("\r\n") != std::string_view::npos; }

void xml(std::string_view text) {
  XmlReader reader(text);
  for (std::size_t steps = 0;; ++steps) {
    ST_ASSERT(steps <= 2 * text.size() + 1);  // each step takes something; an empty element gives two
    const auto kind = reader.next();
    if (!kind || *kind == XmlReader::Kind::done) return;
    ST_ASSERT(reader.depth() <= XmlReader::depth_max);
    if (*kind != XmlReader::Kind::text) ST_ASSERT(is_inside(reader.name(), text));
    if (*kind == XmlReader::Kind::text) ST_ASSERT(reader.text().size() <= text.size());
    if (*kind == XmlReader::Kind::start && reader.has_attribute("id"))
      ST_ASSERT(reader.attribute("id").size() <= text.size());
  }
}

void xml_text(std::string_view text) {
  ST_ASSERT(XmlReader::unescape(text).size() <= text.size());
  const auto escaped = XmlReader::escape(text);
  ST_ASSERT(escaped.find_first_of("<>") == std::string::npos);
}

void dialog_info(std::string_view text) {
  const auto read = read_dialog_info(text);
  if (!read) return;
  ST_ASSERT(read->dialogs.size() <= DialogInfo::dialogs_max);
  const auto again = read_dialog_info(write_dialog_info(*read));
  ST_ASSERT(again && again->version == read->version && again->dialogs.size() == read->dialogs.size());
  DialogTable table;
  static_cast<void>(table.take(*read));
  auto later = *read;
  ++later.version;
  static_cast<void>(table.take(later));
  ST_ASSERT(table.dialogs().size() <= 2 * DialogInfo::dialogs_max);
}

void message_summary(std::string_view text) {
  const auto read = read_message_summary(text);
  if (!read) return;
  ST_ASSERT(!has_line_end(read->account));
  const auto again = read_message_summary(write_message_summary(*read));
  ST_ASSERT(again && again->waiting == read->waiting && again->voice == read->voice &&
            again->fax == read->fax);
}

void refer_to(std::string_view text) {
  const auto read = ReferTo::parse(text);
  if (!read) return;
  ST_ASSERT(!has_line_end(read->replaces) && read->headers.size() <= 16);
  for (const auto& header : read->headers)
    ST_ASSERT(!has_line_end(header.name) && !has_line_end(header.value) && !header.name.empty());
  const auto again = ReferTo::parse("<" + read->to_uri() + ">");
  ST_ASSERT(again && again->uri == read->uri && again->replaces == read->replaces &&
            again->headers.size() == read->headers.size());
}

void sipfrag(std::string_view text) {
  const auto read = read_sipfrag(text);
  if (!read) return;
  ST_ASSERT(read->status >= 100 && read->status <= 699 && !has_line_end(read->reason));
  const auto again = read_sipfrag(write_sipfrag(read->status, read->reason));
  ST_ASSERT(again && again->status == read->status);
}

void target_dialog(std::string_view text) {
  const auto read = TargetDialog::parse(text);
  if (read) ST_ASSERT(!read->call_id.empty() && !read->local_tag.empty() && !read->remote_tag.empty());
}

void service_route(std::string_view text) {
  auto response = Message::response(Message::request(Method::register_, "sip:example.com"), 200, {}, "t");
  for (std::size_t count = 0; count < 20 && !text.empty(); ++count)
    response.add(HeaderId::service_route, take_until(text, '\n'));
  const auto routes = service_route_of(response);
  ST_ASSERT(routes.size() <= service_routes_max);
  for (const auto& route : routes) ST_ASSERT(!has_line_end(route) && NameAddr::parse(route));
}

constexpr void (*readers[])(std::string_view) = {xml,      xml_text, dialog_info,   message_summary,
                                                 refer_to, sipfrag,  target_dialog, service_route};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(data, size);
  const auto reader = script.below(std::size(readers));
  readers[reader](script.rest());
  return 0;
}
