// Teams' measures and colours, as far as a host configuration can say them.
export function hostConfig(night) {
  const pair = (normal, subtle = normal) => ({ default: normal, subtle });
  const text = night ? "#f2f2f2" : "#242424";
  const quiet = night ? "#adadad" : "#616161";
  const colours = {
    default: pair(text, quiet), dark: pair(night ? "#0f0f0f" : "#242424", quiet), light: pair("#fff", "#d6d6d6"),
    accent: pair(night ? "#aab1fa" : "#5b5fc7"), good: pair(night ? "#92c353" : "#237b4b"),
    warning: pair(night ? "#f8d22a" : "#835c00"), attention: pair(night ? "#f9526b" : "#c4314b"),
  };
  const back = (light, shade) => ({ backgroundColor: night ? shade : light, foregroundColors: colours });
  return {
    fontFamily: '"Segoe UI", system-ui, "Noto Sans", sans-serif',
    fontSizes: { small: 12, default: 14, medium: 15, large: 18, extraLarge: 24 },
    fontWeights: { lighter: 300, default: 400, bolder: 600 },
    lineHeights: { small: 16, default: 20, medium: 21, large: 25, extraLarge: 32 },
    imageSizes: { small: 32, medium: 52, large: 100 },
    supportsInteractivity: true,
    spacing: { small: 4, default: 8, medium: 12, large: 20, extraLarge: 30, padding: 14 },
    separator: { lineThickness: 1, lineColor: night ? "#3d3d3d" : "#e1e1e1" },
    containerStyles: {
      default: back("#ffffff", "#292929"), emphasis: back("#f3f2f1", "#333333"), accent: back("#e9eaf6", "#2f2f4a"),
      good: back("#e7f2da", "#1d3a1d"), warning: back("#fbf6d9", "#40380f"), attention: back("#fcf4f6", "#44181f"),
    },
    actions: {
      maxActions: 6, spacing: "default", buttonSpacing: 8, actionsOrientation: "horizontal", actionAlignment: "left",
      showCard: { actionMode: "inline", inlineTopMargin: 12, style: "emphasis" },
    },
    factSet: { title: { weight: "bolder", wrap: true, maxWidth: 150 }, value: { wrap: true }, spacing: 12 },
    adaptiveCard: { allowCustomStyle: true },
    textBlock: { headingLevel: 2 },
  };
}
