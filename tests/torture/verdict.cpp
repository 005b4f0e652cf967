#include "verdict.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "role.h"
#include "sip/message/parser.h"

namespace sidetone::torture {
namespace {

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(TORTURE_MESSAGES) + "/" + name + ".dat", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// `expected` lists what may be, with | between.
bool allows(std::string_view expected, std::string_view got) {
  while (true) {
    const auto end = expected.find('|');
    if (expected.substr(0, end) == got) return true;
    if (end == std::string_view::npos) return false;
    expected.remove_prefix(end + 1);
  }
}

Check check_choice(std::string what, const std::string& expected, std::string got) {
  const bool good = allows(expected, got);
  return {std::move(what), expected, std::move(got), good};
}

Check check_equal(std::string what, const std::string& expected, std::string got) {
  const bool good = expected == got;
  return {std::move(what), expected, std::move(got), good};
}

// What was read survives being written and read again.
Check check_round_trip(const sip::Message& message) {
  const auto again = sip::parse_message(message.to_bytes());
  if (!again) return {"written and read again", "accepted", again.error().text, false};
  const auto known = [](const sip::Message& m) {
    std::vector<std::string> fields{std::string(m.method_name()), std::string(m.request_uri()),
                                    std::to_string(m.status()), std::string(m.reason()),
                                    std::string(m.body())};
    for (const auto& field : m.fields())
      if (field.id != sip::HeaderId::content_length)
        fields.push_back(fmt::format("{}: {}", static_cast<int>(field.id), field.value));
    return fields;
  };
  // Fields of one kind that share a line now stand together.
  auto before = known(message), after = known(*again);
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  return {"written and read again", "the same", before == after ? "the same" : "something else",
          before == after};
}

std::string outcome_of(const tl::expected<sip::Message, sip::ParseError>& parsed) {
  if (parsed) return "accepted";
  return parsed.error().answerable ? std::to_string(parsed.error().status) : "dropped";
}

Check rest(std::string who, const Reaction& reaction) {
  return check_equal(std::move(who), "", reaction.complaints);
}

}  // namespace

bool Verdict::good() const {
  return parser.good && phone.good && server.good && stream.good &&
         std::all_of(details.begin(), details.end(), [](const Check& check) { return check.good; });
}

std::string Verdict::faults() const {
  std::string text;
  auto all = details;
  all.insert(all.end(), {parser, phone, server, stream});
  for (const auto& check : all)
    if (!check.good)
      text += fmt::format("{}: expected '{}', got '{}'\n", check.what, check.expected, check.got);
  return text;
}

Verdict judge(const Row& row) {
  const auto bytes = read_file(row.name);
  Verdict verdict{row, {}, {}, {}, {}, {}};
  const auto parsed = sip::parse_message(bytes);
  verdict.parser = check_choice("parser", row.parser, bytes.empty() ? "no file" : outcome_of(parsed));
  if (parsed) {
    for (const auto& value : row.values)
      verdict.details.push_back(check_equal(value.what, value.expected, value.read(*parsed)));
    verdict.details.push_back(check_round_trip(*parsed));
  }
  Role phone(Role::Kind::phone), server(Role::Kind::server), streaming(Role::Kind::phone);
  const auto at_phone = phone.datagram(bytes), at_server = server.datagram(bytes),
             at_stream = streaming.stream(bytes);
  verdict.phone = check_choice("phone", row.phone, at_phone.answer);
  verdict.server = check_choice("server", row.server, at_server.answer);
  verdict.stream = check_choice("stream", row.stream, at_stream.answer);
  for (const auto& value : row.answer)
    verdict.details.push_back(check_equal("answer: " + value.what, value.expected,
                                          at_phone.message ? value.read(*at_phone.message) : "no answer"));
  if (!row.bindings_of.empty()) {
    auto found = server.bindings(row.bindings_of);
    std::sort(found.begin(), found.end());
    verdict.details.push_back(check_equal("bindings", fmt::format("{}", fmt::join(row.bindings, " ")),
                                          fmt::format("{}", fmt::join(found, " "))));
  }
  verdict.details.push_back(rest("phone afterwards", at_phone));
  verdict.details.push_back(rest("server afterwards", at_server));
  verdict.details.push_back(rest("stream afterwards", at_stream));
  return verdict;
}

std::string table(const std::vector<Verdict>& verdicts) {
  const auto pair = [](const Check& check) {
    return fmt::format("{} / {}{}", check.expected, check.got, check.good ? "" : " !");
  };
  std::string text = fmt::format("{:<20} {:<38} {:<24} {:<19} {:<19} {:<19} {:<9} {}\n", "section", "message",
                                 "parser", "phone", "server", "phone, TCP", "details", "");
  text += fmt::format("{:<20} {:<38} {:<24} {:<19} {:<19} {:<19} {:<9}\n", "", "", "expected / got",
                      "expected / got", "expected / got", "expected / got", "good/all");
  std::size_t good = 0;
  for (const auto& verdict : verdicts) {
    const auto details = static_cast<std::size_t>(std::count_if(
        verdict.details.begin(), verdict.details.end(), [](const Check& check) { return check.good; }));
    text += fmt::format("{:<20} {:<38} {:<24} {:<19} {:<19} {:<19} {:<9} {}\n", verdict.row.section,
                        verdict.row.name, pair(verdict.parser), pair(verdict.phone), pair(verdict.server),
                        pair(verdict.stream), fmt::format("{}/{}", details, verdict.details.size()),
                        verdict.good() ? "pass" : "FAIL");
    good += verdict.good() ? 1U : 0U;
  }
  return text + fmt::format("{} of {} messages pass\n", good, verdicts.size());
}

}  // namespace sidetone::torture
