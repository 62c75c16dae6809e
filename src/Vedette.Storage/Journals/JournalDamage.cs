namespace Vedette.Storage.Journals;

/// <summary>A part of a journal that cannot be read any more.</summary>
/// <param name="File">The file.</param>
/// <param name="From">First damaged byte.</param>
/// <param name="To">Where the journal can be read again.</param>
/// <param name="Records">How many records were there.</param>
public sealed record JournalDamage(string File, long From, long To, long Records);
