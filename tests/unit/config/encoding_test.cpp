// RFC 2781 §2.2 (UTF-16), RFC 3629 §3 (UTF-8), windows-1252 as IANA has it.
#include "config/encoding.h"

#include <gtest/gtest.h>

#include "config/reader.h"

namespace sidetone::config {
namespace {

using namespace std::string_view_literals;

TEST(Encoding, BecomesUtf8) {
  struct Row {
    std::string_view bytes, text;
  };
  for (const auto& row : {
           Row{"plain"sv, "plain"sv},
           Row{"\xEF\xBB\xBF<a/>"sv, "\xEF\xBB\xBF<a/>"sv},
           Row{"\xFF\xFE<\0a\0\xFC\0"sv, "<a\xC3\xBC"sv},
           Row{"\xFE\xFF\0<\0a\x20\xAC"sv, "<a\xE2\x82\xAC"sv},
           Row{"\xFF\xFE\x3D\xD8\xDE\xDC"sv, "\xF0\x9F\x93\x9E"sv},  // U+1F4DE, a telephone
           Row{"<?xml encoding=\"ISO-8859-1\"?>M\xFCller"sv,
               "<?xml encoding=\"ISO-8859-1\"?>M\xC3\xBCller"sv},
           Row{"<?xml encoding='windows-1252'?>\x80"sv, "<?xml encoding='windows-1252'?>\xE2\x82\xAC"sv},
           Row{"<?xml encoding=\"utf-8\"?>\xC3\xBC"sv, "<?xml encoding=\"utf-8\"?>\xC3\xBC"sv},
           Row{"<?xml encoding"sv, "<?xml encoding"sv},
       })
    EXPECT_EQ(as_utf8(row.bytes), row.text);
}

TEST(Encoding, BrokenUtf16IsRefused) {
  for (const auto bytes :
       {"\xFF\xFE<"sv, "\xFF\xFE\x3D\xD8"sv, "\xFF\xFE\x3D\xD8\x3D\xD8"sv, "\xFF\xFE\xDE\xDC<\0"sv}) {
    const auto read = read_configuration(bytes, "f");
    EXPECT_FALSE(read.usable());
    EXPECT_EQ(read.problems.front().text, "the file is not UTF-8 text");
  }
}

}  // namespace
}  // namespace sidetone::config
