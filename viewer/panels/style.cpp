#include "viewer/panels/style.h"

#include <array>
#include <cmath>
#include <filesystem>

#include "sim/core/error.h"

namespace gemeo::view {
namespace {

std::string first_that_exists(std::initializer_list<char const*> files) {
  for (char const* f : files) {
    std::error_code ec;
    if (std::filesystem::exists(f, ec)) return f;
  }
  return {};
}

std::string regular_font() {
  return first_that_exists({"/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
                            "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"});
}
std::string bold_font() {
  return first_that_exists({"/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf",
                            "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"});
}

// Latin with all accents of European languages, punctuation, sub- and superscripts, arrows and signs.
constexpr std::array<ImWchar, 13> kLetters = {0x20,   0x17F,  0x2010, 0x205F, 0x2070, 0x209C, 0x20A0,
                                              0x20BE, 0x2200, 0x2265, 0xFFFD, 0xFFFD, 0};
constexpr std::array<ImWchar, 5> kArrows = {0x2190, 0x21FF, 0x25A0, 0x25FF, 0};

ImFont* add_font(std::string const& file, float size_px) {
  ImFontAtlas* const atlas = ImGui::GetIO().Fonts;
  ImFontConfig config;
  config.OversampleH = 2;
  config.OversampleV = 1;
  ImFont* const font = atlas->AddFontFromFileTTF(file.c_str(), size_px, &config, kLetters.data());
  std::string const arrows = first_that_exists({"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"});
  if (!arrows.empty()) {
    ImFontConfig merged = config;
    merged.MergeMode = true;
    atlas->AddFontFromFileTTF(arrows.c_str(), size_px, &merged, kArrows.data());
  }
  return font;
}

}  // namespace

font_set load_fonts(float scale) {
  std::string const regular = regular_font(), bold = bold_font();
  if (regular.empty() || bold.empty()) {
    throw_run("fonts", "neither Roboto nor DejaVu Sans is installed",
              "apt-get install fonts-roboto-unhinted fonts-dejavu-core");
  }
  auto const size = [&](float px) { return std::round(px * scale); };
  font_set f;
  f.body = add_font(regular, size(16));
  f.small = add_font(regular, size(13.5F));
  f.bold = add_font(bold, size(16));
  f.title = add_font(bold, size(22));
  f.clock = add_font(bold, size(32));
  f.label = add_font(bold, size(13));
  return f;
}

void apply_style(theme_kind theme, float scale) {
  theme_colours const& t = colours_of(theme);
  ImGuiStyle s;
  s.WindowRounding = 10;
  s.FrameRounding = 6;
  s.PopupRounding = 8;
  s.GrabRounding = 6;
  s.ScrollbarRounding = 6;
  s.WindowBorderSize = 1;
  s.PopupBorderSize = 1;
  s.FrameBorderSize = 0;
  s.WindowPadding = {16, 13};
  s.FramePadding = {10, 6};
  s.ItemSpacing = {8, 5};
  s.ScaleAllSizes(scale);
  bool const dark = theme == theme_kind::kDark;
  auto& c = s.Colors;
  c[ImGuiCol_Text] = paint4(t.text);
  c[ImGuiCol_TextDisabled] = paint4(t.text_soft);
  c[ImGuiCol_WindowBg] = paint4(t.card);
  c[ImGuiCol_PopupBg] = paint4(with_alpha(t.card, 252));
  c[ImGuiCol_Border] = paint4(t.card_border);
  c[ImGuiCol_FrameBg] = paint4(t.track);
  c[ImGuiCol_FrameBgHovered] = c[ImGuiCol_FrameBgActive] = paint4(mix(t.track, t.accent, 0.15));
  c[ImGuiCol_Button] = paint4(t.track);
  c[ImGuiCol_ButtonHovered] = paint4(mix(t.track, t.accent, 0.25));
  c[ImGuiCol_ButtonActive] = paint4(mix(t.track, t.accent, 0.45));
  c[ImGuiCol_Header] = paint4(with_alpha(t.accent, 45));
  c[ImGuiCol_HeaderHovered] = paint4(with_alpha(t.accent, 65));
  c[ImGuiCol_HeaderActive] = paint4(with_alpha(t.accent, 90));
  c[ImGuiCol_CheckMark] = c[ImGuiCol_SliderGrab] = c[ImGuiCol_SliderGrabActive] = paint4(t.accent);
  c[ImGuiCol_Separator] = paint4(t.card_border);
  c[ImGuiCol_ScrollbarBg] = {0, 0, 0, 0};
  c[ImGuiCol_ScrollbarGrab] = paint4(mix(t.track, t.text_soft, 0.4));
  c[ImGuiCol_TextSelectedBg] = paint4(with_alpha(t.accent, dark ? 110 : 70));
  c[ImGuiCol_NavHighlight] = paint4(t.accent);
  ImGui::GetStyle() = s;
}

void begin_card(ui const& u, char const* name, corner at, ImVec2 offset, float width) {
  ImVec2 const screen = ImGui::GetIO().DisplaySize;
  ImVec2 pivot{0, 0}, pos{offset.x, offset.y};
  bool const right = at == corner::kTopRight || at == corner::kBottomRight;
  bool const bottom = at == corner::kBottomLeft || at == corner::kBottomRight || at == corner::kBottom;
  bool const middle_x = at == corner::kTop || at == corner::kBottom || at == corner::kMiddle;
  if (right) pivot.x = 1, pos.x = screen.x - offset.x;
  if (middle_x) pivot.x = 0.5F, pos.x = screen.x / 2 + offset.x;
  if (bottom) pivot.y = 1, pos.y = screen.y - offset.y;
  if (at == corner::kMiddle) pivot.y = 0.5F, pos.y = screen.y / 2 + offset.y;
  ImGui::SetNextWindowPos(pos, ImGuiCond_Always, pivot);
  if (width > 0) ImGui::SetNextWindowSizeConstraints({width, 0}, {width, screen.y});
  ImGui::PushFont(u.fonts.body);
  ImGui::Begin(name, nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_AlwaysAutoResize |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoNav);
}

ImVec2 end_card(ui const& u) {
  ImVec2 const p = ImGui::GetWindowPos(), s = ImGui::GetWindowSize();
  u.cards.emplace_back(p.x, p.y, p.x + s.x, p.y + s.y);
  ImDrawList* const d = ImGui::GetBackgroundDrawList();
  for (int i = 1; i <= 9; ++i) {  // a soft shadow
    float const r = u.px(static_cast<float>(i) * 1.2F);
    d->AddRectFilled({p.x - r, p.y - r + u.px(2)}, {p.x + s.x + r, p.y + s.y + r + u.px(2)}, IM_COL32(0, 0, 0, 3),
                     u.px(10) + r);
  }
  ImGui::End();
  ImGui::PopFont();
  return s;
}

void text(ui const&, ImFont* font, colour c, std::string_view s) {
  ImGui::PushFont(font);
  ImGui::PushStyleColor(ImGuiCol_Text, paint(c));
  ImGui::TextUnformatted(s.data(), s.data() + s.size());
  ImGui::PopStyleColor();
  ImGui::PopFont();
}

void text_wrapped(ui const& u, ImFont* font, colour c, std::string_view s, float width) {
  ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width);
  text(u, font, c, s);
  ImGui::PopTextWrapPos();
}

ImVec2 size_of(ImFont* font, std::string_view s) {
  return font->CalcTextSizeA(font->FontSize, 1e9F, 0, s.data(), s.data() + s.size());
}

void draw_text(ImDrawList* d, ImFont* font, ImVec2 at, colour c, std::string_view s, float align) {
  float const w = align > 0 ? size_of(font, s).x * align : 0;
  d->AddText(font, font->FontSize, {std::round(at.x - w), std::round(at.y)}, paint(c), s.data(), s.data() + s.size());
}

void draw_halo_text(ui const& u, ImDrawList* d, ImFont* font, ImVec2 at, colour c, std::string_view s, float align) {
  float const r = u.px(1.3F);
  for (int k = 0; k < 8; ++k) {
    float const a = static_cast<float>(k) * 0.7853982F;
    draw_text(d, font, {at.x + r * std::cos(a), at.y + r * std::sin(a)}, u.t.halo, s, align);
  }
  draw_text(d, font, at, c, s, align);
}

}  // namespace gemeo::view
