using System.CommandLine;
using System.Text;
using System.Xml;
using Vedette.Cli.Output;
using Vedette.Cli.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Documents;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette rules test</c>: runs the tests that stand beside rules and filters.</summary>
internal static class RulesTestCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> paths = RulesCommand.Paths("Rule files or directories to test");
        Option<string> output = new("--output", "-o") { Description = "table (failures and a sum) or junit (XML for CI systems).", DefaultValueFactory = _ => "table", HelpName = "FORMAT" };
        output.AcceptOnlyFromAmong("table", "junit");
        Command command = new ExampleCommand(
            "test",
            "Run the tests that stand beside rules in NAME.tests.yml.",
            """
            vedette rules test
            vedette rules test my-rules/
            vedette rules test my-rules/ -o junit > rules.xml
            """)
        {
            paths, output,
        };
        command.SetAction(result => RulesCommand.WithFiles(terminal, () => Run(terminal, RuleSource.Rules(result.GetValue(paths) ?? []), result.GetValue(output)!)));
        return command;
    }

    private static int Run(Terminal terminal, IReadOnlyList<SigmaFile> files, string output)
    {
        if (RuleOptions.Load(terminal, files, new SigmaOptions { Mapping = FieldMapping.Shorthand }) is not { } set)
        {
            return ExitCode.BadInput;
        }

        List<Diagnostic> diagnostics = [];
        List<Result> results = [];
        foreach (SigmaFile file in files)
        {
            if (RuleSource.TestsOf(file) is not { } tests)
            {
                terminal.Error.WriteLine($"{file.Name}: no tests beside it");
                continue;
            }

            foreach (RuleTest test in RuleTests.Read(tests.Name, tests.Text, diagnostics))
            {
                if (set.SubjectOf(file.Name, test.Rule) is { } subject)
                {
                    results.Add(new Result(tests.Name, subject.Title, test, RuleTests.Run(set, subject, test)));
                }
                else if (set.Filters.FirstOrDefault(filter => filter.File == file.Name && (test.Rule is null || filter.IsCalled(test.Rule))) is { } filter)
                {
                    results.Add(new Result(tests.Name, filter.Title, test, RuleTests.Run(filter, test)));
                }
                else
                {
                    diagnostics.Add(new Diagnostic(
                        "VT1001", DiagnosticSeverity.Error, tests.Name, test.Line, 1,
                        test.Rule is { } name ? $"There is no rule '{TerminalText.Escape(name)}' in {file.Name}." : $"There is no rule in {file.Name}."));
                }
            }
        }

        foreach (Diagnostic diagnostic in diagnostics)
        {
            terminal.Error.WriteLine(diagnostic.ToString());
        }

        if (diagnostics.Exists(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error))
        {
            return ExitCode.BadInput;
        }

        int failed = results.Count(result => result.Failure is not null);
        if (output == "junit")
        {
            WriteJUnit(results, terminal.Data);
        }
        else
        {
            foreach (Result result in results.Where(result => result.Failure is not null))
            {
                terminal.Out.WriteLine($"FAIL {result.File}:{result.Test.Line}: {TerminalText.Escape(result.Test.Name)}: {result.Failure}");
            }

            terminal.Out.WriteLine($"{results.Count - failed} passed, {failed} failed");
        }

        return failed > 0 ? ExitCode.Found : ExitCode.Done;
    }

    /// <summary>JUnit's XML as CI systems read it: a suite for each file of tests.</summary>
    private static void WriteJUnit(List<Result> results, Stream into)
    {
        using (XmlWriter writer = XmlWriter.Create(into, new XmlWriterSettings { Indent = true, NewLineChars = "\n", CloseOutput = false, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) }))
        {
            writer.WriteStartElement("testsuites");
            WriteCounts(results, writer);
            foreach (IGrouping<string, Result> suite in results.GroupBy(result => result.File, StringComparer.Ordinal))
            {
                writer.WriteStartElement("testsuite");
                writer.WriteAttributeString("name", Printable(suite.Key));
                WriteCounts([.. suite], writer);
                foreach (Result result in suite)
                {
                    writer.WriteStartElement("testcase");
                    writer.WriteAttributeString("classname", Printable(result.Rule));
                    writer.WriteAttributeString("name", Printable(result.Test.Name));
                    writer.WriteAttributeString("file", Printable(result.File));
                    writer.WriteAttributeString("line", XmlConvert.ToString(result.Test.Line));
                    if (result.Failure is { } failure)
                    {
                        writer.WriteStartElement("failure");
                        writer.WriteAttributeString("message", Printable(failure));
                        writer.WriteEndElement();
                    }

                    writer.WriteEndElement();
                }

                writer.WriteEndElement();
            }

            writer.WriteEndElement();
        }

        into.Write("\n"u8);
    }

    private static void WriteCounts(List<Result> results, XmlWriter writer)
    {
        writer.WriteAttributeString("tests", XmlConvert.ToString(results.Count));
        writer.WriteAttributeString("failures", XmlConvert.ToString(results.Count(result => result.Failure is not null)));
    }

    /// <summary>The text without what XML 1.0 cannot hold.</summary>
    private static string Printable(string text) => TerminalText.Escape(text);

    private sealed record Result(string File, string Rule, RuleTest Test, string? Failure);
}
