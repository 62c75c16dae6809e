using System.Text;
using System.Text.Json;
using Xunit;

namespace Vedette.Reports.Tests;

/// <summary>The page as a browser shows it. VEDETTE_PICTURES=DIR keeps what was seen.</summary>
public sealed class BrowserTests : IDisposable
{
    // Names without a place to break, as attackers and generators like them.
    private static readonly string s_long = $"system:serviceaccount:{new string('n', 250)}:{new string('s', 250)}";

    // Contrast of every visible text against the first background behind it (WCAG 2.2, 1.4.3), the worst one with its text.
    private const string WorstContrast = """
        (() => {
          const rgb = text => (text.match(/[\d.]+/g) || []).map(Number);
          const luminance = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
          let worst = [21, ''];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
            if (!text || !element.checkVisibility() || element.closest('svg')) continue;
            let behind = element, back = [0, 0, 0, 0];
            while (behind && (back = rgb(getComputedStyle(behind).backgroundColor)).length === 4 && back[3] === 0) behind = behind.parentElement;
            const a = luminance(rgb(getComputedStyle(element).color).slice(0, 3)), b = luminance(back.slice(0, 3));
            const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            if (ratio < worst[0]) worst = [ratio, text.slice(0, 60)];
          }
          return worst;
        })()
        """;

    private readonly string _page = Path.Combine(Path.GetTempPath(), $"vedette-report-{Guid.NewGuid():N}.html");

    public void Dispose() => File.Delete(_page);

    [Theory]
    [InlineData(1200, 900, false)]
    [InlineData(1200, 900, true)]
    [InlineData(360, 740, false)]
    [InlineData(360, 740, true)]
    public async Task The_page_fits_the_screen_and_can_be_read(int width, int height, bool isDark)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using Chromium browser = await Chromium.StartAsync(cancellation);
        await browser.ShowAsync(width, height, isDark, cancellation);
        foreach ((string name, ScanReport report) in new[] { ("story", Reports.Story), ("none", Reports.Of([])), ("long", Reports.Everywhere(s_long)) })
        {
            File.WriteAllText(_page, Reports.Write("html", report));
            await browser.LoadAsync(_page, cancellation);
            Assert.Equal(width, (await browser.EvaluateAsync("document.documentElement.scrollWidth", cancellation)).GetInt32());
            Assert.InRange((await browser.EvaluateAsync("document.body.innerText.length", cancellation)).GetInt32(), 400, int.MaxValue);
            Assert.Equal(1, (await browser.EvaluateAsync("document.querySelectorAll('h1').length", cancellation)).GetInt32());

            // The policy lets the style in: without it the body would have no width limit.
            Assert.NotEqual("none", (await browser.EvaluateAsync("getComputedStyle(document.body).maxWidth", cancellation)).GetString());
            JsonElement worst = await browser.EvaluateAsync(WorstContrast, cancellation);
            Assert.True(worst[0].GetDouble() >= 4.5, $"contrast {worst[0]} of “{worst[1]}” in {name}");
            int light = (await browser.EvaluateAsync("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])", cancellation)).GetInt32();
            Assert.Equal(isDark, light < 128);
            Keep($"{name}-{width}-{(isDark ? "dark" : "light")}.png", await browser.PictureAsync(cancellation));
        }
    }

    [Fact]
    public async Task The_page_prints()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using Chromium browser = await Chromium.StartAsync(cancellation);
        await browser.ShowAsync(1200, 900, isDark: true, cancellation);
        File.WriteAllText(_page, Reports.Write("html", Reports.Story));
        await browser.LoadAsync(_page, cancellation);
        byte[] pdf = await browser.PrintAsync(cancellation);
        Assert.StartsWith("%PDF-", Encoding.Latin1.GetString(pdf, 0, 5), StringComparison.Ordinal);
        Assert.InRange(pdf.Length, 20_000, 5_000_000);
        Keep("story.pdf", pdf);
    }

    private static void Keep(string name, byte[] bytes)
    {
        if (Environment.GetEnvironmentVariable("VEDETTE_PICTURES") is { Length: > 0 } folder)
        {
            File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(folder).FullName, name), bytes);
        }
    }
}
