namespace Vedette.Detection.Fields;

/// <summary>The fields that Vedette derives from an event; docs/fields.md says what each one means.</summary>
internal enum DerivedField
{
    Operation,
    Resource,
    Actor,
    ActorGroups,
    ActorKind,
    Impersonated,
    SourceIp,
    SourceIsPublic,
    Success,
    DryRun,
    Path,
    ExecCommand,
    Object,
    PodSpec,
    PodSpecContainers,
    PodSpecHostPaths,
    PodSpecCapabilities,
    RbacRole,
    RbacSubjects,
    RbacGrants,
}
